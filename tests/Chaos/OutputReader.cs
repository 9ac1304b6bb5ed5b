using Confluent.Kafka;

namespace Assay.Chaos.Tests;

/// <summary>Reads the committed records of the output as they come.</summary>
internal sealed class OutputReader : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IConsumer<string, string> _consumer;
    private readonly Thread _thread;
    private readonly List<OutputRecord> _records = [];

    public OutputReader(string bootstrap)
    {
        _consumer = new ConsumerBuilder<string, string>(new ConsumerConfig(ChaosApplication.Client(bootstrap))
        {
            GroupId = "reader",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _consumer.Assign(Enumerable.Range(0, ChaosApplication.Partitions).Select(partition => new TopicPartitionOffset(ChaosApplication.Output, partition, Offset.Beginning)));
        _thread = new Thread(Read) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many were read so far.</summary>
    public int Count
    {
        get
        {
            lock (_records)
                return _records.Count;
        }
    }

    /// <summary>What was read so far.</summary>
    public List<OutputRecord> Records
    {
        get
        {
            lock (_records)
                return [.. _records];
        }
    }

    /// <summary>All that is committed: read anew, by a reader that lived through nothing.</summary>
    public static List<OutputRecord> ReadAll(string bootstrap)
    {
        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(new ConsumerConfig(ChaosApplication.Client(bootstrap))
        {
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
                records.Add(Record(result));
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

    private static OutputRecord Record(ConsumeResult<string, string> result) => new(result.Message.Key, result.Message.Value, result.Message.Timestamp.UnixTimestampMs);

    private void Read()
    {
        try
        {
            while (true)
            {
                try
                {
                    OutputRecord record = Record(_consumer.Consume(_stop.Token));
                    lock (_records)
                        _records.Add(record);
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
