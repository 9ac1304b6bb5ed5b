using System.Globalization;
using Assay.Schemas;
using Assay.Topology;
using Npgsql;
using NpgsqlTypes;

namespace Assay.Cli.Verify;

/// <summary>Which records are verified.</summary>
/// <param name="From">The first <c>at</c>; null: no bound.</param>
/// <param name="To">The first <c>at</c> that is not looked at any more; null: no bound.</param>
/// <param name="Feed">Null: all.</param>
internal sealed record VerifyRange(DateTime? From = null, DateTime? To = null, string? Feed = null);

/// <summary>Recomputes <c>accuracy</c> in the database from <c>contract_price</c> and <c>api_price</c> and compares.</summary>
internal sealed class Verifier(string connectionString, AccuracyOptions options, TimeProvider time)
{
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Live = TimeSpan.FromMinutes(5);

    /// <summary>Looks once; where there are differences and records still come, once more: what was on its way between two tables is no difference.</summary>
    /// <exception cref="UserException">The database has no such tables.</exception>
    public async Task<Findings> VerifyAsync(VerifyRange range, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await OpenAsync(cancellationToken);
        Findings first = await LookAsync(connection, range, cancellationToken);
        if (first.Differences.All(difference => difference.IsLate) || first.StreamTime is not { } streamTime || time.GetUtcNow() - streamTime > Live)
            return first;
        await Task.Delay(SecondLook, time, cancellationToken);
        Findings second = await LookAsync(connection, range, cancellationToken);
        Dictionary<(string Id, string At), Difference> seen = first.Differences.ToDictionary(difference => (difference.Id, difference.At));
        return second with { Differences = [.. second.Differences.Where(difference => seen.TryGetValue((difference.Id, difference.At), out Difference? before) && before.Says(difference))] };
    }

    /// <summary>The rows of the raw tables that a record is made of, each as a line for a person.</summary>
    public async Task<IReadOnlyList<string>> InputsAsync(Difference difference, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await OpenAsync(cancellationToken);
        await using NpgsqlCommand command = new(InputsSql, connection)
        {
            Parameters =
            {
                new() { Value = difference.Feed, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = OrNull(difference.Expected["round_id"]), NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = OrNull(difference.Stored["round_id"]), NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = OrNull(difference.Expected["window_end"]), NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = OrNull(difference.Stored["window_end"]), NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = OrNull(difference.Expected["pair"] ?? difference.Stored["pair"]), NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = options.Window, NpgsqlDbType = NpgsqlDbType.Interval },
            },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> lines = [];
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(reader.GetString(0));
        return lines;
    }

    private const string InputsSql =
        """
        (SELECT 'answer ' || round_id || ': ' || trim_scale(price) || ' at ' || updated_at || ', block ' || block_number || ' ' || block_hash || ' log ' || log_index
           || ', observed ' || observed_at || CASE WHEN removed THEN ', taken back' ELSE '' END
         FROM contract_price WHERE feed = $1 AND round_id IN ($2::numeric, $3::numeric) ORDER BY updated_at, round_id)
        UNION ALL
        (SELECT 'quote of ' || source || ': ' || trim_scale(price) || ' at ' || updated_at || coalesce(', quoted at ' || quoted_at, '') || ', apis-' || kafka_partition || '-' || kafka_offset
         FROM api_price
         WHERE pair = $6 AND ((updated_at >= $4::timestamptz - $7 AND updated_at < $4::timestamptz) OR (updated_at >= $5::timestamptz - $7 AND updated_at < $5::timestamptz))
         ORDER BY source, updated_at, kafka_offset)
        """;

    private async Task<Findings> LookAsync(NpgsqlConnection connection, VerifyRange range, CancellationToken cancellationToken)
    {
        IReadOnlyList<AccuracyFeed> feeds = options.Feeds;
        await using NpgsqlCommand command = new(AccuracySql.Differences, connection) { CommandTimeout = 0, AllResultTypesAreUnknown = true };
        void Add(object? value, NpgsqlDbType type) => command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        Add(options.Window, NpgsqlDbType.Interval);
        Add(options.Grace, NpgsqlDbType.Interval);
        Add(options.LongestAverageAge, NpgsqlDbType.Interval);
        Add(options.MinSources, NpgsqlDbType.Integer);
        Add(options.Average == AverageMethod.Median, NpgsqlDbType.Boolean);
        Add(feeds.Select(feed => feed.Name).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(feeds.Select(feed => feed.Pair).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(feeds.Select(feed => feed.ChainId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(feeds.Select(feed => feed.Heartbeat + options.HeartbeatSlack).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Interval);
        Add(feeds.Select(feed => feed.DeviationThreshold + options.DeviationSlack).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Numeric);
        Add(options.Sources.Select(source => source.Name).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(options.Sources.Select(source => source.MaxAge).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Interval);
        Add(range.From, NpgsqlDbType.TimestampTz);
        Add(range.To, NpgsqlDbType.TimestampTz);
        Add(range.Feed, NpgsqlDbType.Text);
        Add(options.ReviseWithin, NpgsqlDbType.Interval);
        try
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
            return await ReadAsync(reader, cancellationToken);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw new UserException($"The database has no such table ({failure.MessageText}): is it the one that the sink writes, and has the sink run?", failure);
        }
    }

    private static async Task<Findings> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        const int FirstField = 4;
        List<Difference> differences = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            string kind = reader.GetString(3);
            int after = FirstField + 2 * AccuracySql.Fields.Length;
            if (kind == "sum")
            {
                DateTimeOffset? streamTime = Text(after + 4) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;
                return new Findings(Number(after), Number(after + 1), Number(after + 2), Number(after + 3), streamTime, differences);
            }
            differences.Add(new Difference(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), kind,
                AccuracySql.Fields.Index().ToDictionary(field => field.Item, field => Text(FirstField + 2 * field.Index)),
                AccuracySql.Fields.Index().ToDictionary(field => field.Item, field => Text(FirstField + 2 * field.Index + 1))));
        }
        throw new InvalidOperationException("The verification's query gave no sum.");

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        long Number(int column) => long.Parse(reader.GetString(column), CultureInfo.InvariantCulture);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // Compiling a query of this size takes longer than running it; and of its steps' sizes the planner knows nothing, while a hash join is right for all.
        NpgsqlConnectionStringBuilder settings = new(connectionString) { Timezone = "UTC", Options = "-c jit=off -c work_mem=128MB -c enable_nestloop=off -c enable_mergejoin=off", ApplicationName = "assay verify" };
        NpgsqlConnection connection = new(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static object OrNull(string? text) => (object?)text ?? DBNull.Value;
}
