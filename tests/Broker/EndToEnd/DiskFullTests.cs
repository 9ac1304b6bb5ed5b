using Assay.Broker.Tests.Support;
using Confluent.Kafka;

namespace Assay.Broker.Tests.EndToEnd;

/// <summary>A broker whose disk takes no more: a process whose files may not grow, until the limit is lifted while it runs.</summary>
public sealed class DiskFullTests : IDisposable
{
    private const int LimitBytes = 512 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_are_refused_for_now_while_reads_go_on_and_all_goes_on_when_there_is_room()
    {
        string prlimit = Foreign.Program("prlimit", "apt-get install util-linux");
        using BrokerProcess broker = await BrokerProcess.StartAsync(_folder.Path, FreePort.Next(), Ct);
        await Shell.RunAsync(prlimit, ["--pid", $"{broker.Id}", $"--fsize={LimitBytes}:unlimited"]);
        ProducerConfig config = new() { BootstrapServers = broker.Bootstrap, EnableIdempotence = true, LingerMs = 0, BatchSize = 60_000, RetryBackoffMs = 50, MessageTimeoutMs = 60_000 };
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
        using IProducer<string, string> transactional = new ProducerBuilder<string, string>(new ProducerConfig(config) { TransactionalId = "full", TransactionTimeoutMs = 60_000 })
            .SetLogHandler((_, _) => { }).Build();
        transactional.InitTransactions(Bound);
        transactional.BeginTransaction();
        transactional.Produce("whole", new Message<string, string> { Value = "in a transaction" });
        transactional.Flush(Bound);
        string payload = new('x', 50_000);
        int sent = 0;
        int acknowledged = 0;
        void Send() => producer.Produce("full", new Message<string, string> { Value = $"{sent++} {payload}" }, report => Assert.Equal(PersistenceStatus.Persisted, Take(report)));
        PersistenceStatus Take(DeliveryReport<string, string> report)
        {
            Interlocked.Increment(ref acknowledged);
            return report.Status;
        }
        while (sent < 20)
            Send();
        int before = -1;
        await Eventually.True(
            async () =>
            {
                int last = before;
                before = Volatile.Read(ref acknowledged);
                await Task.Delay(300, Ct);
                return before > 0 && last == before && before < sent;
            },
            "the disk is full");

        Assert.Equal(before, Consumers.Read(broker.Bootstrap, "full", before).Count);
        Assert.Equal(before, Volatile.Read(ref acknowledged));
        // Not even the broker's own state can be written now: the transaction waits in its client.
        await Shell.RunAsync(prlimit, ["--pid", $"{broker.Id}", "--fsize=1:unlimited"]);
        Task committing = Task.Run(() => transactional.CommitTransaction(Bound), Ct);
        await Task.WhenAny(committing, Task.Delay(TimeSpan.FromSeconds(1), Ct));
        Assert.False(committing.IsCompleted);

        await Shell.RunAsync(prlimit, ["--pid", $"{broker.Id}", "--fsize=unlimited"]);
        await committing;
        Assert.Equal(0, producer.Flush(Bound));
        Assert.Equal(sent, acknowledged);
        Assert.Equal(Enumerable.Range(0, sent).Select(number => $"{number} {payload}"), Consumers.Read(broker.Bootstrap, "full", sent).Select(result => result.Message.Value));
        Assert.Equal("in a transaction", Assert.Single(Consumers.Read(broker.Bootstrap, "whole", 1)).Message.Value);
    }
}
