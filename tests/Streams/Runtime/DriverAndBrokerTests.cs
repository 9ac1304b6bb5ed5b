using System.Text;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Runtime;

/// <summary>The same topologies in the driver and on a broker.</summary>
public abstract class DriverAndBrokerTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Theory]
    [MemberData(nameof(DriverCases.Names), MemberType = typeof(DriverCases))]
    public async Task The_driver_and_a_broker_give_the_same_output(string name)
    {
        DriverCase of = DriverCases.All[name];
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Dictionary<string, List<ModelInput>> inputs = of.Inputs.ToDictionary(input => input, _ => LongInput(random));
        StreamsBuilder inDriver = new(), onBroker = new();
        of.Build(inDriver, topic => topic);
        string output = await Cluster.Topic("out", 1);
        foreach (string input in of.Inputs)
            await Cluster.Topic(input, 1);
        of.Build(onBroker, topic => $"{Cluster.Id}-{topic}");
        foreach ((string input, List<ModelInput> records) in inputs)
        {
            foreach (ModelInput record in records)
                Cluster.Send($"{Cluster.Id}-{input}", record.Key, record.Value, record.Timestamp);
        }
        Cluster.Flush();

        List<string> expected = OutputInDriver(inDriver.Build(), of.Inputs, inputs);
        await using Application application = await Application.StartAndWait(onBroker.Build(), Options());
        await Cluster.ReadWhen(output, expected.Count);
        await application.Close();

        Assert.True(expected.SequenceEqual(Cluster.ReadAll(output).Select(Text)),
            $"seed {seed}\nexpected\n{string.Join('\n', expected)}\nactual\n{string.Join('\n', Cluster.ReadAll(output).Select(Text))}");

        static string Text(Seen record) => $"{record.Key}={(record.Value is null ? "-" : Encoding.UTF8.GetString(record.Value))}@{record.Timestamp}";
    }

    /// <summary>Several random inputs one after the other, with tombstones, and a record in the end that closes windows.</summary>
    private static List<ModelInput> LongInput(Random random)
    {
        List<ModelInput> records = [];
        for (int part = 0; part < 6; part++)
        {
            // A producer takes a time of zero as now.
            long from = records.Count == 0 ? 1 : records.Max(record => record.Timestamp);
            records.AddRange(ModelInput.List(random, disorder: 30).Select(record => record with { Value = random.Next(6) == 0 ? null! : record.Value, Timestamp = from + record.Timestamp }));
        }
        records.Add(new ModelInput("end", "z", 1_000_000, false));
        return records;
    }

    /// <summary>The driver takes records as they are piped in, so they are piped in as a task takes them: the one with the smallest timestamp among the inputs' heads.</summary>
    private static List<string> OutputInDriver(Topology topology, string[] topics, Dictionary<string, List<ModelInput>> inputs)
    {
        using TopologyTestDriver driver = new(topology);
        Dictionary<string, Queue<ModelInput>> queues = inputs.ToDictionary(input => input.Key, input => new Queue<ModelInput>(input.Value));
        while (topics.Where(topic => queues[topic].Count > 0).MinBy(topic => queues[topic].Peek().Timestamp) is { } next)
        {
            ModelInput record = queues[next].Dequeue();
            driver.CreateInputTopic(next, Serdes.String, Serdes.String).PipeInput(record.Key, record.Value, record.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value ?? "-"}@{record.Timestamp}")];
    }
}

public sealed class DriverAndBrokerTestsOnAssay(AssayKafka kafka) : DriverAndBrokerTests(kafka);

public sealed class DriverAndBrokerTestsOnApacheKafka(ApacheKafka kafka) : DriverAndBrokerTests(kafka);
