using Assay.Schemas;
using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>One row per rejection.</summary>
/// <remarks>
/// A dead letter is named by its place in the topic, but for those of the sink: it sends one before it commits the offset of the record, so a crash between
/// the two sends a second, and the record's origin makes one row of both.
/// </remarks>
internal sealed class DeadLetterTable : StagedTable<DeadLetter>
{
    /// <summary>What the sink calls itself in its dead letters.</summary>
    public const string SinkStage = "sink";

    private const string ColumnNames = "id, rejected_at, stage, reason, detail, origin, key, value";

    public override string Stage => "CREATE TEMPORARY TABLE IF NOT EXISTS stage_dead_letter (LIKE dead_letter) ON COMMIT DELETE ROWS";

    protected override string Copy => $"COPY pg_temp.stage_dead_letter ({ColumnNames}) FROM STDIN (FORMAT binary)";

    protected override string Merge =>
        $"INSERT INTO dead_letter ({ColumnNames}) SELECT {ColumnNames} FROM pg_temp.stage_dead_letter ON CONFLICT (id) DO NOTHING";

    protected override async Task WriteAsync(Columns columns, int ordinal, Entry entry, DeadLetter row)
    {
        await columns.Text(Clean(row.Stage == SinkStage ? row.Origin : entry.Origin));
        await columns.Time(row.RejectedAt);
        await columns.Text(Clean(row.Stage));
        await columns.Text(Clean(row.Reason));
        await columns.Text(Clean(row.Detail));
        await columns.Text(Clean(row.Origin));
        await Bytes(columns, row.Key);
        await Bytes(columns, row.Value);
    }

    private static Task Bytes(Columns columns, byte[]? bytes) => bytes is null ? columns.Null() : columns.Write(bytes, NpgsqlDbType.Bytea);

    // PostgreSQL's text holds no NUL; what is rejected for having one must not be rejected again.
    private static string Clean(string text) => text.Replace('\0', '\uFFFD');
}
