using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>The settings of the engine's clients, each on top of the application's.</summary>
internal static class ClientConfigs
{
    /// <summary>Prefetched per partition, beside what a fetch brings above that. Each record costs librdkafka some 400 bytes beside its own, so its default of 100,000 takes more memory
    /// than all else here, and more time, as the records leave the processor's caches before they are read.</summary>
    private const int PrefetchedRecords = 2_000;
    private const int FetchBytes = 512 * 1024;

    /// <summary>A partition whose prefetch is full is looked at again after so long; without this, after a second. Few records are prefetched, so it must not take longer to work them off.</summary>
    private const int FullPrefetchMs = 2;

    /// <summary>Restoring has nothing to wait for but this.</summary>
    private const int PrefetchedToRestore = 5_000;

    public static ConsumerConfig Input(StreamsOptions options, string threadName, int thread) => new(Copy(options))
    {
        ClientId = $"{threadName}-consumer",
        GroupId = options.ApplicationId,
        GroupInstanceId = options.GroupInstanceId is null ? null : $"{options.GroupInstanceId}-{thread}",
        // Tasks that stay run on while others move.
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
        // A member learns of a rebalance by its heartbeat: the time that a partition on the move stands still. librdkafka looks twice a second.
        HeartbeatIntervalMs = (int)Math.Min(500, options.SessionTimeout.TotalMilliseconds / 3),
        MaxPollIntervalMs = (int)Math.Max(options.MaxPollInterval.TotalMilliseconds, options.SessionTimeout.TotalMilliseconds),
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        IsolationLevel = IsolationLevel.ReadCommitted,
        EnablePartitionEof = true,
        // An empty input's end is known when its fetch comes back empty-handed; the other inputs of a task wait for that.
        FetchWaitMaxMs = 100,
        FetchQueueBackoffMs = FullPrefetchMs,
        QueuedMinMessages = PrefetchedRecords,
        MaxPartitionFetchBytes = FetchBytes,
        QueuedMaxMessagesKbytes = 16 * 1024,
    };

    /// <summary>Of a consumer that only asks what the group has committed.</summary>
    public static ConsumerConfig Asking(StreamsOptions options) => new(Copy(options))
    {
        ClientId = $"{options.ApplicationId}-checks",
        GroupId = options.ApplicationId,
        EnableAutoCommit = false,
        // Open transactions are no reason to wait.
        IsolationLevel = IsolationLevel.ReadUncommitted,
    };

    public static ConsumerConfig Restore(StreamsOptions options, string threadName) => new(Copy(options))
    {
        ClientId = $"{threadName}-restore-consumer",
        // A consumer wants a group; this one never joins it.
        GroupId = $"{options.ApplicationId}-restore",
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        IsolationLevel = IsolationLevel.ReadCommitted,
        EnablePartitionEof = true,
        FetchQueueBackoffMs = FullPrefetchMs,
        QueuedMinMessages = PrefetchedToRestore,
        QueuedMaxMessagesKbytes = 16 * 1024,
    };

    public static ProducerConfig Producer(StreamsOptions options, string threadName, string transactionalId)
    {
        ProducerConfig config = new(Copy(options))
        {
            ClientId = $"{threadName}-producer",
            Partitioner = Partitioner.Murmur2Random,
            EnableIdempotence = true,
            // The commit flushes; meanwhile batches may fill.
            LingerMs = 20,
            QueueBufferingMaxKbytes = 64 * 1024,
        };
        if (options.ProcessingGuarantee == ProcessingGuarantee.ExactlyOnceV2)
        {
            config.TransactionalId = transactionalId;
            config.TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds;
        }
        return config;
    }

    public static AdminClientConfig Admin(StreamsOptions options) => new(Copy(options))
    {
        ClientId = $"{options.ApplicationId}-admin",
        AllowAutoCreateTopics = false,
    };

    private static Dictionary<string, string> Copy(StreamsOptions options)
    {
        // By default librdkafka forgets its brokers when all are down. A transaction's offsets on their way to a forgotten coordinator then never come back
        // from SendOffsetsToTransaction, whatever its timeout (librdkafka issue 5511, seen in 2.16.0).
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["metadata.recovery.strategy"] = "none" };
        foreach ((string key, string value) in options.Client)
            settings[key] = value;
        return settings;
    }
}
