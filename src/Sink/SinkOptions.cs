using Npgsql;

namespace Assay.Sink;

/// <summary>Where and how the sink stores the topics.</summary>
public sealed record SinkOptions
{
    /// <summary>For Npgsql; it holds the password, which <see cref="ToString"/> leaves out.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The consumer group by which instances share the partitions. Where each stands is in the database, not in the group.</summary>
    public string Group { get; init; } = "assay-sink";

    /// <summary>Most records in one transaction, 1 or more. Default: 20,000, which a backlog fills; a transaction costs seven round trips.</summary>
    public int BatchRows { get; init; } = 20_000;

    /// <summary>Longest time that a record waits for others to share its transaction. Default: 250 ms.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long TimescaleDB keeps rows, a day or more; the hourly figures stay. Null, the default: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The addresses, without secrets.</summary>
    public override string ToString() => Describe(ConnectionString);

    internal static string Describe(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString);
        return $"database '{settings.Database}' at {settings.Host}:{settings.Port}";
    }
}
