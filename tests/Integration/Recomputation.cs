namespace Assay.Integration.Tests;

/// <summary>
/// The accuracy records that the raw tables call for, computed by the database from those alone, as the contract says it (semantics: Accuracy),
/// for the demo's configuration: windows of 5 s, averages at most 25 s old, mean of the sources' means. Thirty decimals, since PostgreSQL divides
/// to as few as its inputs have.
/// </summary>
internal static class Recomputation
{
    /// <summary>Rows that are in one and not the other: <c>missing</c> or <c>extra</c>, id, contract price, average, deviation. Empty when the tables agree.</summary>
    /// <param name="until">Only records at or before it: later windows may still be open. An SQL expression.</param>
    public static string Differences(string until) => $$"""
        WITH source_price AS (
          SELECT pair, source, to_timestamp(5 * (floor(extract(epoch FROM updated_at) / 5) + 1)) AS window_end, avg(price::numeric(60, 30)) AS price
          FROM api_price GROUP BY 1, 2, 3),
        average AS (SELECT pair, window_end, avg(price) AS average FROM source_price GROUP BY 1, 2),
        answer AS (SELECT pair, feed, round_id, price, updated_at FROM contract_price WHERE NOT removed),
        expected AS (
          SELECT feed || '/window/' || (extract(epoch FROM window_end) * 1000)::bigint AS id, window_end AS at, force.price, force.round_id, average
          FROM average JOIN (SELECT DISTINCT pair, feed FROM answer) AS known USING (pair)
          CROSS JOIN LATERAL (
            SELECT price, round_id FROM answer WHERE answer.feed = known.feed AND updated_at <= window_end ORDER BY updated_at DESC, round_id DESC LIMIT 1) AS force
          UNION ALL
          SELECT feed || '/answer/' || round_id, updated_at, price, round_id, serving.average
          FROM answer
          CROSS JOIN LATERAL (
            SELECT average, window_end FROM average WHERE average.pair = answer.pair AND window_end <= updated_at ORDER BY window_end DESC LIMIT 1) AS serving
          WHERE updated_at - window_end <= INTERVAL '25 s'),
        computed AS (
          SELECT id, at, price AS contract_price, round_id, round(average, 12) AS average, round(100 * (price - average) / average, 6) AS deviation_pct
          FROM expected WHERE at <= {{until}}),
        stored AS (
          SELECT id, at, contract_price, round_id, round(average, 12) AS average, deviation_pct
          FROM accuracy WHERE status <> 'retracted' AND at <= {{until}})
        (SELECT 'missing' AS which, * FROM (SELECT * FROM computed EXCEPT SELECT * FROM stored) AS missing)
        UNION ALL
        (SELECT 'extra' AS which, * FROM (SELECT * FROM stored EXCEPT SELECT * FROM computed) AS extra)
        ORDER BY at, id
        """;
}
