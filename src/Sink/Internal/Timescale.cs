using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>Whether a database can have hypertables.</summary>
internal static class Timescale
{
    /// <summary>Makes TimescaleDB's extension part of the database where the server offers it.</summary>
    /// <returns>Null when it is there; else why not, in a few words.</returns>
    public static async Task<string?> EnableAsync(string connectionString, CancellationToken cancellationToken)
    {
        // On a connection of its own: a server that has the extension's files and does not preload it ends the connection that asks for it.
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(cancellationToken);
        if (await Sql.AskAsync(connection, "SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb'", cancellationToken) is not string)
            return "the server has no TimescaleDB";
        try
        {
            await Sql.AskAsync(connection, "CREATE EXTENSION IF NOT EXISTS timescaledb", cancellationToken);
        }
        catch (PostgresException refusal)
        {
            return $"the server has TimescaleDB but refuses it: {refusal.MessageText}";
        }
        return await Sql.AskAsync(connection, "SELECT current_setting('timescaledb.license')", cancellationToken) is "timescale"
            ? null
            : "the server's TimescaleDB is its Apache edition, without compression and continuous aggregates";
    }
}
