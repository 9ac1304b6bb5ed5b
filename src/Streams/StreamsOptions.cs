using Confluent.Kafka;

namespace Assay.Streams;

/// <summary>What a failure may do to a record.</summary>
public enum ProcessingGuarantee
{
    /// <summary>Outputs, state and input offsets commit in one transaction: what a consumer of committed records sees, it sees once.</summary>
    ExactlyOnceV2,
    /// <summary>No transactions: after a failure, records since the last commit are processed again.</summary>
    AtLeastOnce,
}

/// <summary>How a topology runs.</summary>
public sealed record StreamsOptions
{
    /// <summary>Names the consumer group and, as a prefix, internal topics.</summary>
    public required string ApplicationId { get; init; }

    /// <summary>How to reach Kafka: brokers and security; the engine adds its own settings.</summary>
    public required ClientConfig Client { get; init; }

    /// <summary>Stream threads of this instance, each with a consumer and a producer. Default 1.</summary>
    public int NumStreamThreads { get; init; } = 1;

    public ProcessingGuarantee ProcessingGuarantee { get; init; } = ProcessingGuarantee.ExactlyOnceV2;

    /// <summary>Longest time between a record's processing and its commit. Default 100 ms.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a task waits for an input whose end it has seen, while another has records. Default zero.</summary>
    public TimeSpan MaxTaskIdle { get; init; } = TimeSpan.Zero;

    /// <summary>Of internal topics; at most the number of brokers. Default 1.</summary>
    public short ReplicationFactor { get; init; } = 1;

    /// <summary>Keeps every store in an embedded database under <see cref="StateDir"/>, so that stores may be larger than memory and a restart restores only what
    /// is new; null: in memory. Default null.</summary>
    public IStoreEngine? StoreEngine { get; init; }

    /// <summary>The folder for databases of <see cref="StoreEngine"/>, below it one of each application id. Instances on one machine need one each. Default:
    /// <c>assay-streams</c> in the user's local application data, or else in the folder for temporary files.</summary>
    public string StateDir { get; init; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } data ? data : Path.GetTempPath(), "assay-streams");

    /// <summary>When the state of a task that has moved to another instance is deleted here. Default 10 min.</summary>
    public TimeSpan StateCleanupDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A name that this instance alone has and keeps over restarts. With it, an instance that died takes its partitions back at once
    /// and ends its own open transaction; null: others wait for <see cref="SessionTimeout"/> and <see cref="TransactionTimeout"/>.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>How long the group waits for a silent instance before its partitions move. Default 10 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time between two polls, that is, for the processing of what one poll brought. Default 5 min.</summary>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>When the broker aborts the transaction of an instance that fell silent. Default 10 s.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Records per input partition that wait in memory before its fetching pauses. Default 5,000.</summary>
    public int BufferedRecordsPerPartition { get; init; } = 5_000;

    /// <summary>How many other instances keep a copy of each task's state, so that one of them can take the task over with little to restore. Default 0.</summary>
    public int NumStandbyReplicas { get; init; }

    /// <summary>How often records that were read are deleted from repartition topics. Default 30 s.</summary>
    public TimeSpan RepartitionPurgeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Hears how the restoring of stores goes on. Default: nobody.</summary>
    public IStateRestoreListener? StateRestoreListener { get; init; }

    /// <summary>Decides about records that can't be read. Default: stop.</summary>
    public IExceptionHandler DeserializationExceptionHandler { get; init; } = new FailExceptionHandler();

    /// <summary>Decides about records that a processor throws on. Default: stop.</summary>
    public IExceptionHandler ProcessingExceptionHandler { get; init; } = new FailExceptionHandler();

    /// <summary>Decides about outputs that can't be written. Default: stop.</summary>
    public IExceptionHandler ProductionExceptionHandler { get; init; } = new FailExceptionHandler();
}
