using System.Buffers.Binary;
using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Bench;

/// <summary>From producing an input to reading its committed output, at a steady pace: a stream reduced by key and written again, exactly once.</summary>
internal static class Latency
{
    private const int RecordsPerSecond = 1_000;
    private const int Keys = 500;

    /// <summary>Records at the start that do not count: code is compiled, partitions find their leaders.</summary>
    private const int WarmUp = 3 * RecordsPerSecond;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Milliseconds in ascending order, of all records after the first few.</returns>
    public static async Task<double[]> Measure(Workload workload)
    {
        string id = Workload.NewId(), input = $"{id}-in", output = $"{id}-out";
        await workload.Create(input);
        await workload.Create(output);
        StreamsBuilder builder = new();
        builder.Stream(input, new Consumed<string, long>(Serdes.String, Serdes.Long))
            .GroupByKey(new Grouped<string, long>(Serdes.String, Serdes.Long))
            .Reduce((_, newer) => newer, new Materialized<string, long>(Serdes.String, Serdes.Long))
            .ToStream()
            .To(output, new Produced<string, long>(Serdes.String, Serdes.Long));
        using CancellationTokenSource stop = new(Patience + TimeSpan.FromSeconds(workload.Records / RecordsPerSecond));
        using KafkaStreams streams = new(builder.Build(), new StreamsOptions { ApplicationId = id, Client = workload.Client, NumStreamThreads = workload.Threads }, NullLoggerFactory.Instance, TimeProvider.System);
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        streams.StateChanged += (state, _) =>
        {
            if (state == StreamsState.Running)
                running.TrySetResult();
        };
        Task engine = streams.RunAsync(stop.Token);
        await running.Task;
        Task<double[]> read = Task.Factory.StartNew(() => Read(workload, output, stop.Token), TaskCreationOptions.LongRunning);
        await Task.Factory.StartNew(() => Send(workload, input), TaskCreationOptions.LongRunning);
        double[] latencies = await read;
        await stop.CancelAsync();
        await engine;
        return latencies;
    }

    /// <summary>Each value is the moment at which it was sent.</summary>
    private static void Send(Workload workload, string input)
    {
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(workload.Client) { LingerMs = 0, Partitioner = Partitioner.Murmur2Random }).Build();
        using ManualResetEventSlim never = new();
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < workload.Records;)
        {
            int due = (int)Math.Min(workload.Records, Stopwatch.GetElapsedTime(began).TotalSeconds * RecordsPerSecond);
            for (; i < due; i++)
            {
                byte[] value = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64BigEndian(value, Stopwatch.GetTimestamp());
                producer.Produce(input, new Message<string, byte[]> { Key = $"key-{i % Keys}", Value = value });
            }
            never.Wait(1);
        }
        producer.Flush(Patience);
    }

    private static double[] Read(Workload workload, string output, CancellationToken stop)
    {
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig(workload.Client) { GroupId = output, EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted }).Build();
        consumer.Assign(Enumerable.Range(0, workload.Partitions).Select(partition => new TopicPartitionOffset(output, partition, Offset.Beginning)));
        List<double> latencies = new(workload.Records);
        for (int seen = 0; seen < workload.Records; seen++)
        {
            long sent = BinaryPrimitives.ReadInt64BigEndian(consumer.Consume(stop).Message.Value);
            if (seen >= WarmUp)
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
        return [.. latencies.Order()];
    }
}
