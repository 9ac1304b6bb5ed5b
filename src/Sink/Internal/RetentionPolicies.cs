using Npgsql;
using NpgsqlTypes;

namespace Assay.Sink.Internal;

/// <summary>Lets TimescaleDB drop rows that are older than wanted; the hourly figures of <c>accuracy_hourly</c> stay.</summary>
/// <remarks>
/// Dropping invalidates what the aggregate has of that time, and a refresh would then empty it: so the refresh never looks further back than the shortest retention there
/// has been, also after it was lifted. A chunk goes when all of it is old enough, so rows may live up to a chunk's length longer.
/// </remarks>
internal static class RetentionPolicies
{
    private const string Tables = "unnest(ARRAY['contract_price', 'api_price', 'accuracy']) AS name";

    /// <param name="connection">Of the tables' owner.</param>
    /// <param name="keep">Null: for ever.</param>
    /// <returns>Whether anything changed.</returns>
    public static async Task<bool> ApplyAsync(NpgsqlConnection connection, TimeSpan? keep, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await AskAsync(
            connection,
            $"""
             SELECT bool_and(kept IS NOT DISTINCT FROM $1) FROM (
               SELECT (SELECT (config ->> 'drop_after')::interval FROM timescaledb_information.jobs
                       WHERE proc_name = 'policy_retention' AND hypertable_schema = current_schema() AND hypertable_name = name) AS kept
               FROM {Tables}) AS policies
             """,
            keep, cancellationToken) is true)
        {
            return false;
        }
        await Sql.ExecuteAsync(connection, $"SELECT remove_retention_policy(name::regclass, if_exists => true) FROM {Tables}", cancellationToken);
        if (keep is not null)
        {
            await AskAsync(connection, $"SELECT count(add_retention_policy(name::regclass, drop_after => $1)) FROM {Tables}", keep, cancellationToken);
            object? reach = await AskAsync(
                connection,
                """
                SELECT least($1, (SELECT (config ->> 'start_offset')::interval FROM timescaledb_information.jobs
                                  WHERE proc_name = 'policy_refresh_continuous_aggregate' AND hypertable_schema = current_schema() AND hypertable_name = 'accuracy_hourly'))
                """,
                keep, cancellationToken);
            await Sql.ExecuteAsync(connection, "SELECT remove_continuous_aggregate_policy('accuracy_hourly', if_exists => true)", cancellationToken);
            await AskAsync(
                connection,
                "SELECT add_continuous_aggregate_policy('accuracy_hourly', start_offset => $1, end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '15 minutes')",
                reach, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, object? interval, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is this program's own.
        await using NpgsqlCommand command = new(sql, connection)
#pragma warning restore CA2100
        {
            Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Interval, Value = interval ?? DBNull.Value } },
        };
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
