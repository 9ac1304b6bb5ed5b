using Assay.Schemas;
using Assay.Sink.Internal;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Sink;

/// <summary>Brings a database to the schema this program writes: the numbered steps in <c>sql/</c>, each in a transaction of its own.</summary>
/// <remarks>
/// Which steps a database has stands in its table <c>schema_migration</c>, with their checksums. An advisory lock lets one instance at a time work, so any
/// number may start together. Whether the tables are TimescaleDB's or plain ones is decided once, on an empty database, and kept.
/// </remarks>
public static class Migrations
{
    // Any number, as long as nobody else in this database takes the same.
    private const long Lock = 0x61_73_73_61_79;

    /// <summary>Applies what is missing; does nothing where nothing is.</summary>
    /// <returns>Whether the tables are hypertables.</returns>
    /// <exception cref="UserException">The database's schema is a newer program's, or not what this program's steps made.</exception>
    /// <exception cref="NpgsqlException">The database is not reachable, or refuses a step.</exception>
    public static async Task<bool> ApplyAsync(string connectionString, ILogger logger, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString) { Pooling = false, ApplicationName = "assay-migrations" };
        await using NpgsqlConnection connection = new(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        // Held until the connection closes, however it does.
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({Lock})", cancellationToken);
        await ExecuteAsync(
            connection,
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
              number integer PRIMARY KEY, name text NOT NULL, variant text, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """,
            cancellationToken);

        Dictionary<int, Applied> applied = await ReadAppliedAsync(connection, cancellationToken);
        string? variant = applied.Values.Select(step => step.Variant).FirstOrDefault(known => known is not null);
        string? missing = null;
        if (variant is null)
        {
            missing = await Timescale.EnableAsync(settings.ConnectionString, cancellationToken);
            variant = missing is null ? Migration.Timescale : Migration.Plain;
        }
        List<Migration> steps = [.. Migration.All.Where(step => step.Variant is null || step.Variant == variant)];
        Check(applied, steps, settings.Database);

        int before = applied.Count;
        foreach (Migration step in steps.Where(step => !applied.ContainsKey(step.Number)))
            await ApplyAsync(connection, step, cancellationToken);
        bool timescale = variant == Migration.Timescale;
        if (before < steps.Count)
            Log.SchemaApplied(logger, settings.Database, before, steps.Count, timescale ? "TimescaleDB hypertables" : "plain tables", missing is null ? "" : $" ({missing})");
        return timescale;
    }

    private sealed record Applied(string Name, string? Variant, string Checksum);

    private static void Check(Dictionary<int, Applied> applied, List<Migration> steps, string? database)
    {
        foreach ((int number, Applied found) in applied)
        {
            Migration step = steps.Find(known => known.Number == number) ?? throw new UserException(
                $"The database '{database}' has the schema step {number:0000}_{found.Name}, which this program does not know: it was set up by a newer one; run that, or another database.");
            if (step.Checksum != found.Checksum)
            {
                throw new UserException(
                    $"The schema step {number:0000}_{found.Name} of the database '{database}' is not the one this program would apply: its file was changed after it had been applied; " +
                    "undo that change and put it into a step of its own.");
            }
        }
    }

    private static async Task<Dictionary<int, Applied>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Dictionary<int, Applied> applied = [];
        await using NpgsqlCommand command = new("SELECT number, name, variant, checksum FROM schema_migration", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetInt32(0), new Applied(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3)));
        return applied;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration step, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, step.Sql, cancellationToken);
        await using NpgsqlCommand record = new("INSERT INTO schema_migration (number, name, variant, checksum) VALUES ($1, $2, $3, $4)", connection)
        {
            Parameters =
            {
                new() { Value = step.Number }, new() { Value = step.Name }, new() { Value = (object?)step.Variant ?? DBNull.Value }, new() { Value = step.Checksum },
            },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is this program's own.
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
