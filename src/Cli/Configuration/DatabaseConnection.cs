using Npgsql;

namespace Assay.Cli.Configuration;

/// <summary>How the database is reached, and how long it keeps what is stored.</summary>
public sealed record DatabaseConnection
{
    public string Host { get; init; } = "localhost";
    public int Port { get; init; } = 5432;
    public string Name { get; init; } = "kafka_sink";
    public string User { get; init; } = "assay";
    /// <summary>Null: the server asks for none, or libpq's password file has it.</summary>
    public string? Password { get; init; }

    /// <summary>How long TimescaleDB keeps rows; null: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>For Npgsql; holds the password, so it is never logged.</summary>
    public string ConnectionString() => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Database = Name,
        Username = User,
        Password = Password,
        ApplicationName = "assay",
    }.ConnectionString;

    /// <summary>The address, without the password.</summary>
    public override string ToString() => $"postgresql://{Uri.EscapeDataString(User)}@{Host}:{Port}/{Uri.EscapeDataString(Name)}";
}
