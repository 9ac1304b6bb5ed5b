using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Counts the clients of the process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ProducerReplacementTests), DisableParallelization = true)]
public sealed class ProducerReplacementCollection;

[Collection(nameof(ProducerReplacementTests))]
public sealed class ProducerReplacementTests(AssayKafka kafka)
{
    [Fact]
    public async Task Rule08_a_producer_that_is_replaced_is_disposed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are counted in /proc.");
        using Cluster cluster = new(await kafka.Bootstrap);
        string input = await cluster.Topic("in", 1), output = await cluster.Topic("out", 1);
        using RecordingLog log = new();
        await using Application application = Application.Start(Counter.Topology(input, output), new StreamsOptions
        {
            ApplicationId = cluster.Id,
            Client = cluster.Client,
            GroupInstanceId = "one",
        }, log);
        await application.Running();
        int before = 0;

        // Another with its transactional id fences the application's producer; it makes a new one, and so on.
        for (int i = 0; i < 5; i++)
        {
            using (Confluent.Kafka.IProducer<string, string> fencing = new Confluent.Kafka.ProducerBuilder<string, string>(
                new Confluent.Kafka.ProducerConfig(cluster.Client) { TransactionalId = $"{cluster.Id}-one-1" }).Build())
                fencing.InitTransactions(TimeSpan.FromSeconds(30));
            cluster.Send(input, "k", "v", i);
            cluster.Flush();
            await cluster.ReadWhen(output, i + 1);
            // The first recoveries with something to restore make the client for that, which stays.
            before = i == 1 ? Clients() : before;
        }

        Assert.True(log.Lines.Count(line => line.Text.Contains("is undone and done again", StringComparison.Ordinal)) >= 5);
        await Eventually.True(() => Clients() <= before, "there are no more clients than before");
    }

    /// <summary>Each client of librdkafka has one main thread.</summary>
    private static int Clients() => Directory.GetDirectories("/proc/self/task").Count(thread =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).StartsWith("rdk:main", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    });
}
