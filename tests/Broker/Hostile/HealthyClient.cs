using System.Diagnostics;
using Assay.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Assay.Broker.Tests.Hostile;

/// <summary>A client that means well: writes numbers without a gap and reads them back, all the while.</summary>
internal sealed class HealthyClient(ClientConfig config) : IAsyncDisposable
{
    private const string Topic = "healthy";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private Task<(int Written, TimeSpan Slowest)>? _writing;
    private Task<int>? _reading;
    private volatile int _written;

    public int Written => _written;

    public async Task StartAsync(int padding)
    {
        using (IAdminClient admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = 1 }]);
        _writing = Task.Run(() => WriteAsync(padding));
        _reading = Task.Run(Read);
    }

    /// <summary>How many records were written, and read in order and once; fails where a record is missing, or twice there, or none could be written for long.</summary>
    public async Task<(int Written, TimeSpan Slowest)> StopAsync()
    {
        await _stop.CancelAsync();
        (int written, TimeSpan slowest) = await _writing!.WaitAsync(Bound);
        Assert.True(written > 0, "The healthy client wrote nothing.");
        Assert.Equal(written, await _reading!.WaitAsync(Bound));
        return (written, slowest);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task<(int, TimeSpan)> WriteAsync(int padding)
    {
        using IProducer<string, string> producer = new ProducerBuilder<string, string>(
            new ProducerConfig(new Dictionary<string, string>(config)) { EnableIdempotence = true, LingerMs = 0, MessageTimeoutMs = (int)Bound.TotalMilliseconds }).SetLogHandler((_, _) => { }).Build();
        TimeSpan slowest = TimeSpan.Zero;
        string rest = new('x', padding);
        CancellationToken stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            DeliveryResult<string, string> result = await producer.ProduceAsync(Topic, new Message<string, string> { Value = $"{_written} {rest}" }, CancellationToken.None);
            Assert.Equal(_written, result.Offset.Value);
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            // The first one makes the topic and finds its way.
            if (_written > 0 && took > slowest)
                slowest = took;
            _written++;
        }
        return (_written, slowest);
    }

    private int Read()
    {
        using IConsumer<string, string> consumer = Consumers.Make(config, "healthy-group");
        consumer.Subscribe(Topic);
        int read = 0;
        long idle = Stopwatch.GetTimestamp();
        while (!(_writing!.IsCompleted && read >= _written) && Stopwatch.GetElapsedTime(idle) < Bound)
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } result)
            {
                Assert.Equal($"{read}", result.Message.Value.Split(' ')[0]);
                read++;
                idle = Stopwatch.GetTimestamp();
            }
        consumer.Close();
        return read;
    }
}
