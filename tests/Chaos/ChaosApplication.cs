using Assay.Streams;
using Confluent.Kafka;

namespace Assay.Chaos.Tests;

/// <summary>How the application under test runs.</summary>
internal static class ChaosApplication
{
    public const string Id = "chaos";
    public const string Events = "events";
    public const string Others = "others";
    public const string Updates = "updates";
    public const string Versions = "versions";
    public const string Output = "output";
    public const int Partitions = 4;

    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan WindowSize = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Gap = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan History = TimeSpan.FromSeconds(8);
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    /// <summary>For the tests' own clients too; a new one each time, as derived configurations share what they are made from.</summary>
    public static ClientConfig Client(string bootstrap) => new()
    {
        BootstrapServers = bootstrap,
        ReconnectBackoffMs = 10,
        ReconnectBackoffMaxMs = 200,
        MetadataRecoveryStrategy = MetadataRecoveryStrategy.None,
    };

    /// <param name="bootstrap">The broker.</param>
    /// <param name="threads">Stream threads of this instance.</param>
    /// <param name="name">Of a static member; null: a dynamic one.</param>
    /// <param name="engine">Keeps the stores; null: they are kept in memory.</param>
    /// <param name="stateFolder">For <paramref name="engine"/>.</param>
    public static StreamsOptions Options(string bootstrap, int threads, string? name, IStoreEngine? engine, string stateFolder) => new()
    {
        ApplicationId = Id,
        Client = Client(bootstrap),
        NumStreamThreads = threads,
        GroupInstanceId = name,
        SessionTimeout = SessionTimeout,
        TransactionTimeout = SessionTimeout,
        // Restoring a dozen tasks on a busy machine takes its time.
        MaxPollInterval = SessionTimeout * 10,
        CommitInterval = TimeSpan.FromMilliseconds(50),
        MaxTaskIdle = TimeSpan.FromDays(1),
        StoreEngine = engine,
        StateDir = stateFolder,
        NumStandbyReplicas = 1,
        StateCleanupDelay = SessionTimeout * 2,
    };
}
