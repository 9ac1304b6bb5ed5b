using Confluent.Kafka;

namespace Assay.Chaos.Tests;

/// <param name="Timestamp">Milliseconds since the epoch.</param>
internal sealed record OutputRecord(string Key, string Value, long Timestamp);

/// <summary>Reads the committed records of the output as they come.</summary>
internal sealed class OutputReader : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IConsumer<string, string> _consumer;
    private readonly Thread _thread;
    private long _count;

    public OutputReader(string bootstrap)
    {
        _consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "reader",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 200,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _consumer.Assign(Enumerable.Range(0, ChaosApplication.Partitions).Select(partition => new TopicPartitionOffset(ChaosApplication.Output, partition, Offset.Beginning)));
        _thread = new Thread(Read) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many were read so far.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>All that is committed: read anew, by a reader that lived through nothing.</summary>
    public static List<OutputRecord> ReadAll(string bootstrap)
    {
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "reader",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        }).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, ChaosApplication.Partitions).Select(partition => new TopicPartitionOffset(ChaosApplication.Output, partition, Offset.Beginning)));
        List<OutputRecord> records = [];
        for (int ended = 0; ended < ChaosApplication.Partitions;)
        {
            ConsumeResult<string, string> result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException("The output was not read to its end.");
            if (result.IsPartitionEOF)
                ended++;
            else
                records.Add(new OutputRecord(result.Message.Key, result.Message.Value, result.Message.Timestamp.UnixTimestampMs));
        }
        return records;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _consumer.Dispose();
        _stop.Dispose();
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                try
                {
                    _consumer.Consume(_stop.Token);
                    Interlocked.Increment(ref _count);
                }
                catch (ConsumeException)
                {
                    // The broker is down; the client tries again.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
