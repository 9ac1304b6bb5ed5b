using Assay.Schemas;
using Assay.Sink.Internal;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Sink;

/// <summary>Brings a database to the schema this program writes: the numbered steps in <c>sql/</c>, each in a transaction of its own; then the roles' rights and the retention.</summary>
/// <remarks>
/// Which steps a database has stands in its table <c>schema_migration</c>, with their checksums. An advisory lock lets one instance at a time work, so any
/// number may start together. Whether the tables are TimescaleDB's or plain ones is decided once, on an empty database, and kept. Steps run as <c>assay_owner</c>, which the tables
/// then belong to, where the login may become it; else as the login. A login that may only write does nothing here, provided that the schema is up to date.
/// </remarks>
public static class Migrations
{
    // Any number, as long as nobody else in this database takes the same.
    private const long Lock = 0x61_73_73_61_79;

    /// <summary>Applies what is missing; does nothing where nothing is.</summary>
    /// <returns>Whether the tables are hypertables.</returns>
    /// <exception cref="UserException">The database's schema is a newer program's, or not what this program's steps made; or the login may not bring it up to date.</exception>
    /// <exception cref="NpgsqlException">The database is not reachable, or refuses a step.</exception>
    public static async Task<bool> ApplyAsync(SinkOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(options, int.MaxValue, logger, cancellationToken);
        }
        catch (SchemaBehindException behind)
        {
            throw new UserException(behind.Message, behind);
        }
    }

    /// <param name="last">The last step to apply: what an earlier version of this program knew.</param>
    /// <exception cref="SchemaBehindException">Steps are missing and the login may not apply them.</exception>
    internal static async Task<bool> ApplyAsync(SinkOptions options, int last, ILogger logger, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder settings = new(options.ConnectionString) { Pooling = false, ApplicationName = "assay-migrations" };
        await using NpgsqlConnection connection = new(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        // Held until the connection closes, however it does.
        await Sql.ExecuteAsync(connection, $"SELECT pg_advisory_lock({Lock})", cancellationToken);

        Dictionary<int, Applied> applied = await ReadAppliedAsync(connection, cancellationToken);
        string? variant = applied.Values.Select(step => step.Variant).FirstOrDefault(known => known is not null);
        string? missing = null;
        if (variant is null)
        {
            missing = await Timescale.EnableAsync(settings.ConnectionString, cancellationToken);
            variant = missing is null ? Migration.Timescale : Migration.Plain;
        }
        bool timescale = variant == Migration.Timescale;
        List<Migration> steps = [.. Migration.All.Where(step => (step.Variant is null || step.Variant == variant) && step.Number <= last)];
        Check(applied, steps, settings.Database);
        List<Migration> behind = [.. steps.Where(step => !applied.ContainsKey(step.Number))];

        string? needed = await Roles.ActAsOwnerAsync(connection, cancellationToken);
        try
        {
            if (applied.Count == 0)
                await Sql.ExecuteAsync(connection, Ledger, cancellationToken);
            foreach (Migration step in behind)
                await ApplyAsync(connection, step, cancellationToken);
        }
        catch (PostgresException refusal) when (needed is not null && refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SchemaBehindException(
                $"The {options} stands at step {steps.Count - behind.Count} of {steps.Count} of the schema, and the user '{settings.Username}' may not change it ({refusal.MessageText}): " +
                $"run 'assay migrate' as a member of {Roles.Owner}, or let a superuser run: {needed}", refusal);
        }
        if (behind.Count > 0)
            Log.SchemaApplied(logger, settings.Database, steps.Count - behind.Count, steps.Count, timescale ? "TimescaleDB hypertables" : "plain tables", missing is null ? "" : $" ({missing})");
        bool owns = await Sql.AskAsync(connection, "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'api_price'::regclass", cancellationToken) is true;
        if (needed is null && last >= Migration.All[^1].Number)
            await Roles.GrantAsync(connection, cancellationToken);
        else if (needed is not null && owns)
            Log.RolesMissing(logger, settings.Database, settings.Username, needed);
        if (!owns)
            return timescale;
        if (timescale)
        {
            if (await RetentionPolicies.ApplyAsync(connection, options.Retention, cancellationToken))
                Log.RetentionChanged(logger, settings.Database, options.Retention is { } keep ? $"{keep.TotalDays:0.##} days" : "for ever");
        }
        else if (options.Retention is not null)
        {
            Log.RetentionIgnored(logger, settings.Database);
        }
        return timescale;
    }

    private const string Ledger =
        """
        CREATE TABLE IF NOT EXISTS schema_migration (
          number integer PRIMARY KEY, name text NOT NULL, variant text, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
        """;

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
        if (await Sql.AskAsync(connection, "SELECT to_regclass('schema_migration') IS NOT NULL", cancellationToken) is false)
            return applied;
        await using NpgsqlCommand command = new("SELECT number, name, variant, checksum FROM schema_migration", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetInt32(0), new Applied(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3)));
        return applied;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration step, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Sql.ExecuteAsync(connection, step.Sql, cancellationToken);
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
}
