using System.Diagnostics;
using System.Globalization;
using Assay.Schemas;
using Assay.Streams;
using Assay.Streams.Bench;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Topology.Bench;

/// <summary>One run over all that is in the topics, under an application id of its own, timed from RUNNING until the end of every partition is committed.</summary>
/// <remarks>
/// A thread that has its partitions works while another still joins, so commits may come before RUNNING; time then counts from the last look before the first of them.
/// </remarks>
internal sealed class Run(Workload workload, InputTopics topics)
{
    /// <summary>A bare loop passes on about as many records as the topology emits for the default workload.</summary>
    private const int PassOneIn = 38;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _id = $"assay-bench-{Guid.NewGuid():N}"[..20];
    private readonly TaskCompletionSource<long> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _largestResident;
    private Usage _used;

    private string Output => $"{_id}-accuracy";

    /// <summary>The topology (or, with <paramref name="loop"/>, a loop of the client without an engine); returns the line of JSON.</summary>
    /// <exception cref="UserException">The topics are empty, or nothing gets committed any more.</exception>
    public async Task<string> Measure(bool loop, CancellationToken cancellation)
    {
        Dictionary<TopicPartition, long> starts = await topics.Offsets(OffsetSpec.Earliest());
        Dictionary<TopicPartition, long> ends = await topics.Offsets(OffsetSpec.Latest());
        long records = ends.Sum(end => end.Value - starts[end.Key]);
        if (records == 0)
            throw new UserException($"'{workload.Apis}' and '{workload.Contracts}' are empty: leave --filled out to have them filled.");
        int partitions = ends.Keys.Max(partition => partition.Partition.Value) + 1;
        await topics.Create(partitions, Output);

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<long> committed = AllCommitted(starts, ends, stop.Token);
        Task work = loop ? Loop(stop.Token) : Engine(stop.Token);
        await Task.WhenAny(committed, work);
        await stop.CancelAsync();
        await work;
        long finished = await committed;
        double seconds = Stopwatch.GetElapsedTime(await _started.Task, finished).TotalSeconds;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"for each record, client and start included: {_used.Processor.TotalMicroseconds / records:0.00} µs of the processor, {_used.Allocated / records} bytes allocated"));
        long emitted = topics.Count(Output, partitions, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"{{\"engine\":\"{(loop ? "loop" : "assay")}\",\"records\":{records},\"seconds\":{seconds:0.000}," +
            $"\"records_per_second\":{records / seconds:0},\"rss_mb\":{_largestResident >> 20},\"emitted\":{emitted}}}");
    }

    private async Task Engine(CancellationToken stop)
    {
        // A record that fails stops the run: nothing in the workload should.
        StreamsOptions options = new() { ApplicationId = _id, Client = workload.Client, NumStreamThreads = workload.Threads };
        Streams.Topology topology = AccuracyTopology.Build(workload.Judged, new FixedRegistry(), new AccuracyTopics(workload.Contracts, workload.Apis, Output));
        using KafkaStreams streams = new(topology, options, NullLoggerFactory.Instance, TimeProvider.System);
        streams.StateChanged += (state, _) =>
        {
            if (state == StreamsState.Running)
                _started.TrySetResult(Stopwatch.GetTimestamp());
        };
        await streams.RunAsync(stop);
    }

    private Task Loop(CancellationToken stop)
    {
        TaskCompletionSource done = new();
        stop.Register(done.SetResult);
        LoopPlan plan = new(workload.Bootstrap, _id, [workload.Apis, workload.Contracts], Output, workload.Threads);
        return BareLoop.Run(plan, Decoder, _ => _started.TrySetResult(Stopwatch.GetTimestamp()), done.Task);
    }

    /// <summary>Reads of a record what the topology reads.</summary>
    private Func<ConsumeResult<string, byte[]>, bool> Decoder()
    {
        FixedRegistry registry = new();
        AvroDeserializer<Quote> quotes = new(registry);
        AvroDeserializer<ContractAnswer> answers = new(registry);
        int seen = 0;
        return result =>
        {
            if (result.Topic == workload.Apis)
                quotes.Decode(result.Message.Value);
            else
                answers.Decode(result.Message.Value);
            return ++seen % PassOneIn == 0;
        };
    }

    /// <summary>When it was seen that the group had committed every end.</summary>
    private async Task<long> AllCommitted(Dictionary<TopicPartition, long> starts, Dictionary<TopicPartition, long> ends, CancellationToken stop)
    {
        long lastSum = 0;
        long lastProgress = Stopwatch.GetTimestamp();
        long lastLook = lastProgress;
        Usage before = Usage.Now;
        while (true)
        {
            await Task.Delay(Interval, stop);
            _largestResident = Math.Max(_largestResident, Environment.WorkingSet);
            Dictionary<TopicPartition, long> committed = await topics.Committed(_id, ends.Keys);
            long sum = committed.Values.Sum();
            if (sum > 0)
                _started.TrySetResult(lastLook);
            lastLook = Stopwatch.GetTimestamp();
            if (ends.All(end => end.Value == starts[end.Key] || (committed.TryGetValue(end.Key, out long offset) && offset >= end.Value)))
            {
                _used = Usage.Now - before;
                return lastLook;
            }
            if (sum != lastSum)
                (lastSum, lastProgress) = (sum, lastLook);
            else if (Stopwatch.GetElapsedTime(lastProgress) > Patience)
                throw new UserException($"The group '{_id}' has committed nothing for {Patience.TotalSeconds} s, and the topics have not been read to their ends.");
        }
    }

    /// <summary>Of the whole process since its start: the processor's time, which does not depend on who else uses the machine, and bytes allocated.</summary>
    private readonly record struct Usage(TimeSpan Processor, long Allocated)
    {
        public static Usage Now => new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());

        public static Usage operator -(Usage a, Usage b) => new(a.Processor - b.Processor, a.Allocated - b.Allocated);
    }
}
