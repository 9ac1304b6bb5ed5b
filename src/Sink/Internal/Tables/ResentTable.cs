using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>Which rejections were answered by sending the record again, and when first.</summary>
internal sealed record Resent(string Origin, string[] Stages, DateTime ResentAt);

/// <summary>One row per rejection that was answered. It may be read before the rejection itself, which may stand in another partition: hence a table of its own.</summary>
internal sealed class ResentTable : StagedTable<Resent>
{
    public override string Stage => "CREATE TEMPORARY TABLE IF NOT EXISTS stage_dead_letter_resent (origin text, stages text[], resent_at timestamptz) ON COMMIT DELETE ROWS";

    protected override string Copy => "COPY pg_temp.stage_dead_letter_resent (origin, stages, resent_at) FROM STDIN (FORMAT binary)";

    protected override string Merge =>
        """
        INSERT INTO dead_letter_resent (origin, stage, resent_at)
        SELECT origin, stage, min(resent_at) FROM pg_temp.stage_dead_letter_resent, unnest(stages) AS stage GROUP BY origin, stage
        ON CONFLICT (origin, stage) DO NOTHING
        """;

    protected override async Task WriteAsync(Columns columns, int ordinal, Entry entry, Resent row)
    {
        await columns.Text(row.Origin);
        await columns.Write(row.Stages, NpgsqlDbType.Array | NpgsqlDbType.Text);
        await columns.Time(row.ResentAt);
    }
}
