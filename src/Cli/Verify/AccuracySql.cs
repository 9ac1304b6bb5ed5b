namespace Assay.Cli.Verify;

/// <summary>
/// The accuracy records that the raw tables call for, in SQL (semantics, sentence by sentence), and how they differ from the table. It shares no code with the topology.
/// </summary>
/// <remarks>
/// <para>Means are divided to <see cref="Long"/> decimals and rounded to <see cref="Settled"/> before they are rounded to what is printed. Prices have 18 decimals and
/// counts few digits, so an exact figure is either a tie of the printed rounding or further than 10^-60 from one: the result is that of exact fractions.</para>
/// <para>Parameters: $1 window, $2 grace, $3 longest age of an average (intervals); $4 least sources; $5 median; $6 to $10 feeds: name, pair, chain, oldest
/// answer (interval), largest deviation; $11, $12 sources: name, max_age (interval, null: none); $13, $14 the first moment and the one after the last (null: no bound);
/// $15 the feed (null: all); $16 how long a record may be revised (interval).</para>
/// </remarks>
internal static class AccuracySql
{
    private const int Long = 90;
    private const int Settled = 70;
    private const string LargestPercent = "79228162514264337593543.950335";

    /// <summary>Fields of a record that are compared, in the order of <see cref="Differences"/>'s columns.</summary>
    public static readonly string[] Fields =
    [
        "pair", "chain_id", "trigger", "status", "contract_price", "round_id", "answer_updated_at", "answer_age_ms", "average", "window_start", "window_end", "sources",
        "dispersion_pct", "deviation_pct",
    ];

    /// <summary>The raw rows that count, the averages, and how far stream time has come in each partition.</summary>
    private static readonly string Inputs =
        $"""
        feed AS MATERIALIZED (
          SELECT * FROM unnest($6::text[], $7::text[], $8::bigint[], $9::interval[], $10::numeric[]) AS feed (feed, pair, chain_id, oldest, largest)),
        wanted AS (SELECT * FROM feed WHERE $15::text IS NULL OR feed = $15),
        source AS MATERIALIZED (SELECT * FROM unnest($11::text[], $12::interval[]) AS source (source, max_age)),
        -- What the topology refused was stored by the sink all the same; the dead letter names its place in the topic.
        refused AS MATERIALIZED (
          SELECT split_part(origin, '-', 2)::integer AS kafka_partition, split_part(origin, '-', 3)::bigint AS kafka_offset
          FROM dead_letter WHERE stage = 'topology' AND origin ~ '^apis-[0-9]+-[0-9]+$'),
        quote AS NOT MATERIALIZED (
          SELECT pair, source, price, quoted_at, updated_at, kafka_partition, max_age
          FROM api_price JOIN source USING (source)
          WHERE price > 0 AND price < 1e20 AND NOT EXISTS (SELECT FROM refused WHERE (refused.kafka_partition, refused.kafka_offset) = (api_price.kafka_partition, api_price.kafka_offset))),
        -- A log is one row already; the row says what was heard of it last.
        log AS MATERIALIZED (
          SELECT feed, pair, chain_id, oldest, largest, round_id, price, updated_at, observed_at, block_number, log_index, block_hash COLLATE "C" AS block_hash, removed
          FROM contract_price JOIN feed USING (feed, pair, chain_id) WHERE price > 0 AND price < 1e20),
        latest AS MATERIALIZED (
          SELECT pair, last.kafka_partition, last.updated_at
          FROM (SELECT DISTINCT pair FROM feed) AS pairs CROSS JOIN source
          CROSS JOIN LATERAL (
            -- Not from quote: a join would keep the planner from looking at the end of the index only.
            SELECT kafka_partition, updated_at FROM api_price
            WHERE api_price.pair = pairs.pair AND api_price.source = source.source AND price > 0 AND price < 1e20
              AND (kafka_partition, kafka_offset) NOT IN (SELECT kafka_partition, kafka_offset FROM refused)
            ORDER BY updated_at DESC LIMIT 1) AS last),
        place AS MATERIALIZED (SELECT DISTINCT ON (pair) pair, kafka_partition FROM latest ORDER BY pair, updated_at DESC),
        clock AS MATERIALIZED (
          SELECT kafka_partition, max(updated_at) AS stream_time
          FROM (SELECT kafka_partition, updated_at FROM latest UNION ALL SELECT kafka_partition, updated_at FROM log JOIN place USING (pair)) AS moment GROUP BY 1),
        source_price AS (
          SELECT pair, source, date_bin($1, updated_at, 'epoch'::timestamptz) + $1 AS window_end, round(sum(price), {Long}) / count(*) AS price, count(*) AS quotes, max(quoted_at) AS newest
          FROM quote
          WHERE pair IN (SELECT pair FROM wanted) AND (max_age IS NULL OR quoted_at IS NULL OR updated_at - quoted_at <= max_age)
            AND ($13::timestamptz IS NULL OR updated_at >= $13 - $1 - $3) AND ($14::timestamptz IS NULL OR updated_at < $14)
          GROUP BY 1, 2, 3),
        averaged AS (
          SELECT pair, window_end, array_agg(price ORDER BY price) AS prices, avg(price) AS mean, max(price) - min(price) AS spread,
            jsonb_object_agg(source, jsonb_build_object('price', {Printed("price")}, 'quotes', quotes, 'age_ms', {Milliseconds("window_end - newest")})) AS sources
          FROM source_price GROUP BY 1, 2 HAVING count(*) >= $4),
        average AS MATERIALIZED (
          SELECT pair, window_end, sources, spread, window_end + $2 > stream_time AS open,
            CASE WHEN $5 THEN (prices[(cardinality(prices) + 1) / 2] + prices[cardinality(prices) / 2 + 1]) / 2 ELSE mean END AS average
          FROM averaged JOIN place USING (pair) JOIN clock USING (kafka_partition)),
        -- The first moment that depends on what is still open.
        frontier AS MATERIALIZED (SELECT pair, min(window_end) AS opens FROM average WHERE open GROUP BY 1)
        """;

    /// <summary>Pairs each window of a feed with the answer in force at its end, and each answer with the last average up to it: one sort each, no lookups.</summary>
    private static readonly string Expected =
        $"""
        answer AS (SELECT log.* FROM log JOIN wanted USING (feed) WHERE NOT removed AND ($14::timestamptz IS NULL OR updated_at < $14)),
        candidate AS (
          SELECT feed, window_end AS at, average.*, NULL::numeric AS round_id, NULL::bigint AS block_number, NULL::integer AS log_index, NULL::text AS block_hash, NULL::numeric AS price, oldest, largest, chain_id
          FROM average JOIN wanted USING (pair) WHERE NOT open
          UNION ALL
          SELECT feed, updated_at, pair, NULL, NULL, NULL, NULL, NULL, round_id, block_number, log_index, block_hash, price, oldest, largest, chain_id FROM answer),
        numbered AS MATERIALIZED (
          SELECT *,
            count(price) OVER (PARTITION BY feed ORDER BY at, price IS NULL, round_id, block_number, log_index, block_hash COLLATE "C" ROWS UNBOUNDED PRECEDING) AS answers,
            count(window_end) OVER (PARTITION BY feed ORDER BY at, price IS NOT NULL, round_id ROWS UNBOUNDED PRECEDING) AS windows
          FROM candidate),
        judged AS (
          SELECT w.feed || '/window/' || {Milliseconds("w.at")} AS id, 'window' AS trigger, w.at, w.feed, w.pair, w.chain_id, w.oldest, w.largest, w.window_end, w.average, w.spread, w.sources,
            a.price, a.round_id, a.at AS updated_at
          FROM numbered AS w JOIN numbered AS a ON a.feed = w.feed AND a.answers = w.answers AND a.price IS NOT NULL
          WHERE w.price IS NULL
          UNION ALL
          SELECT a.feed || '/answer/' || a.round_id, 'answer', a.at, a.feed, a.pair, a.chain_id, a.oldest, a.largest, w.window_end, w.average, w.spread, w.sources, a.price, a.round_id, a.at
          -- Of a round in two blocks the later log speaks.
          FROM (SELECT DISTINCT ON (feed, round_id) * FROM numbered WHERE price IS NOT NULL ORDER BY feed, round_id, at DESC, block_number DESC, log_index DESC, block_hash COLLATE "C" DESC) AS a
          JOIN numbered AS w ON w.feed = a.feed AND w.windows = a.windows AND w.price IS NULL
          LEFT JOIN frontier ON frontier.pair = a.pair
          WHERE a.at - w.window_end <= $3 AND (opens IS NULL OR a.at < opens)),
        expected AS MATERIALIZED (
          SELECT id, at, feed, oldest, largest, average AS exact, {Record("judged.")} FROM (SELECT judged.*, {Percent("price - average", "average")} AS deviation, {Percent("spread", "average")} AS dispersion FROM judged) AS judged
          WHERE ($13::timestamptz IS NULL OR at >= $13) AND ($14::timestamptz IS NULL OR at < $14)),
        stored AS MATERIALIZED (
          SELECT accuracy.* FROM accuracy LEFT JOIN place ON place.pair = accuracy.pair LEFT JOIN clock USING (kafka_partition) LEFT JOIN frontier ON frontier.pair = accuracy.pair
          WHERE ($15::text IS NULL OR feed = $15) AND ($13::timestamptz IS NULL OR at >= $13) AND ($14::timestamptz IS NULL OR at < $14)
            AND NOT coalesce(CASE trigger WHEN 'window' THEN at + $2 > stream_time ELSE at >= opens END, false))
        """;

    /// <summary>
    /// One row for each record that is not as it should be, each in a pair of columns (expected, stored) after id, at, feed and kind (<c>missing</c>, <c>unexpected</c>, <c>retracted</c>, <c>different</c>, or <c>late</c>: what stands is
    /// what its inputs made of it as long as it could be revised), and last of all one of kind <c>sum</c>, whose further columns say how many records were compared, how
    /// many are left out because stream time has not closed their windows, and how far stream time has come.
    /// </summary>
    public static readonly string Differences =
        $"""
        WITH {Inputs}, {Expected},
        compared AS MATERIALIZED (
          SELECT coalesce(e.id, s.id) AS id, coalesce(e.at, s.at) AS at, coalesce(e.feed, s.feed) AS feed, e.exact, e.oldest, e.largest,
            CASE WHEN e.id IS NULL THEN 'unexpected' WHEN s.id IS NULL THEN 'missing' WHEN s.status = 'retracted' THEN 'retracted' ELSE 'different' END AS kind,
            {string.Join(", ", Fields.Select(field => $"e.{field} AS e_{field}, s.{field} AS s_{field}"))}
          FROM expected AS e FULL JOIN stored AS s USING (id, at)
          WHERE (e.id IS NOT NULL OR s.status <> 'retracted') AND ({string.Join(", ", Fields.Select(field => $"e.{field}"))}) IS DISTINCT FROM ({string.Join(", ", Fields.Select(field => $"s.{field}"))}))
        SELECT compared.id, compared.at, compared.feed, CASE WHEN {StandsAsItWas} THEN 'late' ELSE kind END AS kind, {string.Join(", ", Fields.Select(field => $"e_{field}, s_{field}"))}, NULL::bigint AS windows, NULL::bigint AS answers, NULL::bigint AS open_windows, NULL::bigint AS open_answers, NULL::timestamptz AS stream_time
        FROM compared
        UNION ALL
        SELECT NULL, NULL, NULL, 'sum', {string.Join(", ", Fields.Select(field => $"e.{field}, s.{field}"))},
          (SELECT count(*) FROM expected WHERE trigger = 'window'), (SELECT count(*) FROM expected WHERE trigger = 'answer'),
          (SELECT count(*) FROM average JOIN wanted USING (pair) WHERE open AND window_end >= coalesce($13, window_end)),
          (SELECT count(*) FROM answer JOIN frontier USING (pair) WHERE updated_at >= opens),
          (SELECT max(stream_time) FROM clock)
        FROM (SELECT) AS one LEFT JOIN expected AS e ON false LEFT JOIN stored AS s ON false
        ORDER BY 2, 1
        """;

    /// <summary>
    /// The record that stands is the one of the answers heard of by then: those seen until <c>at + revise_within</c>, the ones taken back later among them.
    /// </summary>
    private static string StandsAsItWas =>
        $"""
        EXISTS (
          SELECT FROM (SELECT) AS one
          LEFT JOIN LATERAL (
            SELECT price, round_id, updated_at FROM log
            WHERE log.feed = compared.feed AND updated_at <= at AND removed = (observed_at > at + $16) AND (id NOT LIKE '%/answer/%' OR id = feed || '/answer/' || round_id)
            ORDER BY updated_at DESC, round_id DESC, block_number DESC, log_index DESC, block_hash DESC LIMIT 1) AS heard ON true
          WHERE EXISTS (SELECT FROM log WHERE log.feed = compared.feed AND updated_at <= at AND observed_at > at + $16)
            AND CASE WHEN s_status IS NULL OR s_status = 'retracted' THEN heard.price IS NULL
              ELSE exact IS NOT NULL AND (s_contract_price, s_round_id, s_answer_updated_at, s_average, s_window_end, s_sources, s_deviation_pct)
                IS NOT DISTINCT FROM (heard.price, heard.round_id, heard.updated_at, e_average, e_window_end, e_sources, {Percent("heard.price - exact", "exact")}) END)
        """;

    private static string Record(string of) =>
        $"""
        {of}pair, {of}chain_id, trigger,
        CASE WHEN at - updated_at > oldest THEN 'stale' WHEN abs(deviation) > largest THEN 'deviating' ELSE 'ok' END AS status,
        price AS contract_price, round_id, updated_at AS answer_updated_at, {Milliseconds("at - updated_at")} AS answer_age_ms,
        {Printed("average")} AS average, window_end - $1 AS window_start, window_end, sources, dispersion AS dispersion_pct, deviation AS deviation_pct
        """;

    private static string Milliseconds(string of) => $"(extract(epoch FROM {of}) * 1000)::bigint";

    /// <summary>At most 28 significant digits and 28 decimals, half even.</summary>
    private static string Printed(string price) => HalfEven($"round({price}, {Settled})", $"least(28, 46 - length(trunc({price} * 1e18)::text))");

    private static string Percent(string part, string whole) =>
        $"least(greatest({HalfEven($"round(100 * ({part}) / ({whole}), {Settled})", "6")}, -{LargestPercent}), {LargestPercent})";

    private static string HalfEven(string value, string scale) =>
        $"""
        (SELECT trim_scale(CASE WHEN min_scale(v) = s + 1 AND v + v = trunc(v, s) + round(v, s) AND trunc(v * power(10::numeric, s)) % 2 = 0 THEN trunc(v, s) ELSE round(v, s) END) FROM (SELECT {value} AS v, {scale}::integer AS s OFFSET 0) AS rounding)
        """;
}
