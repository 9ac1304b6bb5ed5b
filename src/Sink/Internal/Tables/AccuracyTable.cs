using System.Buffers;
using System.Globalization;
using System.Numerics;
using Assay.Schemas;
using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>The latest revision of each id; an older one that comes late changes nothing.</summary>
/// <remarks>
/// An id keeps its time but for one case: a reorganisation may mine a round again with another updatedAt. Then the row moves, so the older revision at
/// the other time goes away; only revised answers are looked up for it.
/// </remarks>
internal sealed class AccuracyTable : StagedTable<Accuracy>
{
    private const string ColumnNames =
        "at, id, pair, feed, chain_id, trigger, revision, status, contract_price, round_id, answer_updated_at, answer_age_ms, average, window_start, " +
        "window_end, sources, dispersion_pct, deviation_pct";

    public override string Stage => "CREATE TEMPORARY TABLE IF NOT EXISTS stage_accuracy (ordinal integer, LIKE accuracy) ON COMMIT DELETE ROWS";

    protected override string Copy => $"COPY pg_temp.stage_accuracy (ordinal, {ColumnNames}) FROM STDIN (FORMAT binary)";

    protected override string Merge =>
        $"""
        WITH latest AS MATERIALIZED (
          SELECT DISTINCT ON (id) * FROM pg_temp.stage_accuracy ORDER BY id, revision DESC, ordinal DESC
        ), moved AS (
          DELETE FROM accuracy USING latest
          WHERE latest.trigger = 'answer' AND latest.revision > 0
            AND accuracy.id = latest.id AND accuracy.at <> latest.at AND accuracy.revision < latest.revision
        )
        INSERT INTO accuracy ({ColumnNames})
        SELECT {ColumnNames} FROM latest
        WHERE trigger <> 'answer' OR NOT EXISTS (
          SELECT FROM accuracy WHERE accuracy.id = latest.id AND accuracy.at <> latest.at AND accuracy.revision >= latest.revision)
        ON CONFLICT (id, at) DO UPDATE SET
          pair = excluded.pair, feed = excluded.feed, chain_id = excluded.chain_id, trigger = excluded.trigger, revision = excluded.revision,
          status = excluded.status, contract_price = excluded.contract_price, round_id = excluded.round_id,
          answer_updated_at = excluded.answer_updated_at, answer_age_ms = excluded.answer_age_ms, average = excluded.average,
          window_start = excluded.window_start, window_end = excluded.window_end, sources = excluded.sources,
          dispersion_pct = excluded.dispersion_pct, deviation_pct = excluded.deviation_pct
        WHERE accuracy.revision < excluded.revision
        """;

    protected override async Task WriteAsync(Columns columns, int ordinal, Entry entry, Accuracy row)
    {
        await columns.Write(ordinal, NpgsqlDbType.Integer);
        await columns.Time(row.At);
        await columns.Text(row.Id);
        await columns.Text(row.Pair);
        await columns.Text(row.Feed);
        await columns.Write(row.ChainId, NpgsqlDbType.Bigint);
        await columns.Text(AccuracyJson.Name(row.Trigger));
        await columns.Write(row.Revision, NpgsqlDbType.Integer);
        await columns.Text(AccuracyJson.Name(row.Status));
        await columns.Number(row.ContractPrice);
        if (row.RoundId is null)
            await columns.Null();
        else
            await columns.Write(BigInteger.Parse(row.RoundId, NumberStyles.None, CultureInfo.InvariantCulture), NpgsqlDbType.Numeric);
        await columns.Time(row.AnswerUpdatedAt);
        if (row.AnswerAgeMs is { } age)
            await columns.Write(age, NpgsqlDbType.Bigint);
        else
            await columns.Null();
        await columns.Number(row.Average);
        await columns.Time(row.WindowStart);
        await columns.Time(row.WindowEnd);
        if (row.Sources.Count == 0)
        {
            await columns.Null();
        }
        else
        {
            ArrayBufferWriter<byte> sources = new(256);
            AccuracyJson.WriteSources(row.Sources, sources);
            await columns.Write(sources.WrittenSpan.ToArray(), NpgsqlDbType.Jsonb);
        }
        await columns.Number(row.DispersionPct);
        await columns.Number(row.DeviationPct);
    }
}
