using Assay.Avro.Registry;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Sink.Internal;

/// <summary>One membership in the consumer group: from joining until cancelled, or fenced.</summary>
/// <remarks>
/// All of it runs on one thread. Kafka's client calls the rebalance handlers from within <c>Consume</c>, so they see no batch half made. An assignment is
/// only noted there: nothing is consumed until the partitions are claimed in the database, which tells where each goes on. While the database is away the
/// partitions are paused and polling goes on, or the group would take them away.
/// </remarks>
internal sealed class Session : IDisposable
{
    /// <summary>A batch is written when its records' values reach this size, whatever their number.</summary>
    private const int BatchBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan IdlePoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(3);

    private readonly SinkOptions options;
    private readonly RecordReader records;
    private readonly RejectedRecords rejected;
    private readonly DatabaseWriter writer;
    private readonly Outage outage;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly string bootstrap;
    private readonly IConsumer<byte[], byte[]> consumer;
    private readonly Queue<ConsumeResult<byte[], byte[]>> received = [];

    private List<TopicPartition>? unclaimed;
    private Dictionary<TopicPartition, Claim> claims = [];
    private List<Entry> batch = [];
    private long batchBytes;
    private long batchSince;
    private bool kafkaTrouble;

    public Session(SinkOptions options, KafkaConnection kafka, ISchemaRegistryClient registry, Outage outage, ILogger logger, TimeProvider time)
    {
        this.options = options;
        this.outage = outage;
        this.logger = logger;
        this.time = time;
        bootstrap = kafka.Bootstrap;
        records = new RecordReader(registry);
        rejected = new RejectedRecords(kafka, time);
        writer = new DatabaseWriter(options.ConnectionString, $"{Environment.MachineName}/{Environment.ProcessId}");
        consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig(kafka.Client("assay-sink"))
        {
            GroupId = options.Group,
            GroupInstanceId = kafka.Instance,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range,
            // What the database has is told to the group now and then, for tools that show the lag; nothing reads it back.
            EnableAutoCommit = true,
            EnableAutoOffsetStore = false,
            // After a kill the partitions are free again this soon.
            SessionTimeoutMs = 10_000,
            // Topics that are created later are found within this time.
            TopicMetadataRefreshIntervalMs = 5_000,
            FetchWaitMaxMs = 100,
        })
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                unclaimed = partitions;
                return [];
            })
            .SetPartitionsRevokedHandler((_, _) => Forget())
            .SetPartitionsLostHandler((_, _) => Forget())
            .SetErrorHandler((_, error) => Trouble(error))
            .SetLogHandler((_, _) => { })
            .Build();
    }

    /// <exception cref="FencedException">Another instance writes these partitions.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        consumer.Subscribe(RecordReader.TopicNames);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (unclaimed is not null)
                    Claim(cancellationToken);
                TimeSpan left = batch.Count == 0 ? IdlePoll : options.BatchDelay - time.GetElapsedTime(batchSince);
                if (left > TimeSpan.Zero && batch.Count < options.BatchRows && batchBytes < BatchBytes)
                    Poll(left, cancellationToken);
                else
                    Flush(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is in the batch is in the topic too.
        }
    }

    /// <summary>Leaves the group, so that others need not wait for it to notice; without a Kafka to leave, that goes on in the background.</summary>
    public void Dispose()
    {
        Task.Run(Leave).Wait(LeaveBound);
        rejected.Dispose();
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Leave()
    {
        try
        {
            consumer.Close();
        }
        catch (KafkaException)
        {
            // Then the group notices by itself.
        }
        finally
        {
            consumer.Dispose();
        }
    }

    private void Forget()
    {
        unclaimed = null;
        claims = [];
        received.Clear();
        batch = [];
        batchBytes = 0;
    }

    private void Claim(CancellationToken cancellationToken)
    {
        List<TopicPartition> partitions = unclaimed!;
        Dictionary<TopicPartition, Claim> claimed = [];
        // The wait may bring another assignment; then this one is void.
        if (!Try(() => claimed = writer.ClaimAsync(partitions, cancellationToken).GetAwaiter().GetResult(), () => unclaimed == partitions, cancellationToken))
            return;
        unclaimed = null;
        claims = claimed;
        consumer.Assign(claimed.Select(claim => new TopicPartitionOffset(claim.Key, claim.Value.Next)));
        Log.Claimed(logger, string.Join(", ", partitions.OrderBy(one => one.Topic, StringComparer.Ordinal).ThenBy(one => one.Partition.Value)
            .Select(one => $"{one.Topic}-{one.Partition.Value} from {claimed[one].Next}")));
    }

    private void Poll(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (!received.TryDequeue(out ConsumeResult<byte[], byte[]>? record) && (record = Receive(wait)) is null)
            return;
        Dictionary<TopicPartition, Claim> mine = claims;
        Entry entry = default;
        if (!Try(() => entry = records.Read(record), () => claims == mine, cancellationToken))
            return;
        if (mine.TryGetValue(entry.Partition, out Claim? claim) && entry.Offset < claim.Next && batch.TrueForAll(one => one.Partition != entry.Partition))
            Log.TopicAnew(logger, record.Topic, entry.Offset, entry.Partition.Partition.Value, claim.Next);
        if (batch.Count == 0)
            batchSince = time.GetTimestamp();
        batch.Add(entry);
        batchBytes += record.Message.Value?.Length ?? 0;
    }

    private ConsumeResult<byte[], byte[]>? Receive(TimeSpan wait)
    {
        try
        {
            ConsumeResult<byte[], byte[]>? record = consumer.Consume(wait);
            kafkaTrouble &= record is null;
            return record;
        }
        catch (ConsumeException failure) when (!failure.Error.IsFatal)
        {
            Trouble(failure.Error);
            return null;
        }
    }

    // Kafka's client heals by itself: a broker that is away, a topic that is not there yet, a leader that moves.
    private void Trouble(Error error)
    {
        if (!kafkaTrouble)
            Log.KafkaTrouble(logger, bootstrap, error.Reason);
        kafkaTrouble = true;
    }

    private void Flush(CancellationToken cancellationToken)
    {
        List<Entry> full = batch;
        batch = [];
        batchBytes = 0;
        Store(full, claims, cancellationToken);
    }

    /// <summary>Stores the entries, in halves where one of them is refused, until the refused one is alone.</summary>
    private void Store(List<Entry> entries, Dictionary<TopicPartition, Claim> mine, CancellationToken cancellationToken)
    {
        try
        {
            if (Try(() => Write(entries, mine, cancellationToken), () => claims == mine, cancellationToken))
            {
                foreach (IGrouping<TopicPartition, Entry> partition in entries.GroupBy(entry => entry.Partition))
                    consumer.StoreOffset(new TopicPartitionOffset(partition.Key, mine[partition.Key].Next));
            }
        }
        catch (RefusedException) when (entries.Count > 1)
        {
            int half = entries.Count / 2;
            Store(entries[..half], mine, cancellationToken);
            Store(entries[half..], mine, cancellationToken);
        }
        catch (RefusedException refusal)
        {
            Entry refused = entries[0];
            if (refused.Row is DeadLetter)
                Log.LetterRefused(logger, refused.Origin, refusal.Message);
            Store([refused with { Row = refused.Row is DeadLetter ? null : new Rejected(RejectionReason.RefusedRow, refusal.Message) }], mine, cancellationToken);
        }
    }

    private void Write(List<Entry> entries, Dictionary<TopicPartition, Claim> mine, CancellationToken cancellationToken)
    {
        List<(Entry Entry, Rejected Why)> letters = [.. entries.Where(entry => entry.Row is Rejected).Select(entry => (entry, (Rejected)entry.Row!))];
        if (letters.Count > 0)
        {
            rejected.SendAsync(letters, cancellationToken).GetAwaiter().GetResult();
            foreach ((Entry entry, Rejected why) in letters)
                Log.RecordRejected(logger, entry.Origin, why.Detail);
            // They are sent; another attempt to write the rest must not send them again.
            for (int index = 0; index < entries.Count; index++)
            {
                if (entries[index].Row is Rejected)
                    entries[index] = entries[index] with { Row = null };
            }
        }
        writer.WriteAsync(entries, mine, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>Repeats until it works, waiting through an outage; false when <paramref name="wanted"/> no longer holds.</summary>
    private bool Try(Action attempt, Func<bool> wanted, CancellationToken cancellationToken)
    {
        while (wanted())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                attempt();
                outage.Over();
                return true;
            }
            catch (Exception failure) when (Outage.Passes(failure))
            {
                Wait(outage.Failed(failure), cancellationToken);
            }
        }
        return false;
    }

    private void Wait(TimeSpan pause, CancellationToken cancellationToken)
    {
        consumer.Pause(consumer.Assignment);
        long since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < pause)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Serves rebalances. While all is paused nothing comes; what had come before that is kept.
            if (Receive(IdlePoll) is { } record)
                received.Enqueue(record);
        }
        consumer.Resume(consumer.Assignment);
    }
}
