using Assay.Schemas;
using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>One row per quote, named by its place in the topic. The offsets that commit with the rows keep a quote from coming twice, unless somebody has set them back.</summary>
internal sealed class ApiPriceTable : StagedTable<ApiPrice>
{
    private const string ColumnNames = "event, updated_at, pair, source, event_type, price, quoted_at, kafka_partition, kafka_offset";

    public override string Stage => "CREATE TEMPORARY TABLE IF NOT EXISTS stage_api_price (LIKE api_price) ON COMMIT DELETE ROWS";

    protected override string Copy => $"COPY pg_temp.stage_api_price ({ColumnNames}) FROM STDIN (FORMAT binary)";

    protected override string CopyDirectly => $"COPY api_price ({ColumnNames}) FROM STDIN (FORMAT binary)";

    protected override string Merge =>
        $"""
        INSERT INTO api_price ({ColumnNames}) SELECT {ColumnNames} FROM pg_temp.stage_api_price
        ON CONFLICT (updated_at, kafka_partition, kafka_offset) DO NOTHING
        """;

    protected override async Task WriteAsync(Columns columns, int ordinal, Entry entry, ApiPrice row)
    {
        await columns.Write(EventJson.Of(row), NpgsqlDbType.Jsonb);
        await columns.Time(row.ObservedAt);
        await columns.Text(row.Pair);
        await columns.Text(row.Source);
        await columns.Text(row.EventType);
        await columns.Number(row.Price);
        await columns.Time(row.QuotedAt);
        await columns.Write(entry.Partition.Partition.Value, NpgsqlDbType.Integer);
        await columns.Write(entry.Offset, NpgsqlDbType.Bigint);
    }
}
