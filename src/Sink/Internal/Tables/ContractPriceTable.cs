using System.Globalization;
using System.Numerics;
using Assay.Schemas;
using NpgsqlTypes;

namespace Assay.Sink.Internal.Tables;

/// <summary>
/// One row per log. Of several records of it the one observed last decides whether it is removed, of equally late ones the removal:
/// the topology's rule, so that its results can be recomputed from this table, and none that depends on the order of arrival.
/// </summary>
internal sealed class ContractPriceTable : StagedTable<ContractPrice>
{
    private const string ColumnNames =
        "event, updated_at, pair, feed, chain_id, proxy, aggregator, round_id, answer, decimals, price, block_number, block_hash, transaction_hash, " +
        "transaction_index, log_index, removed, observed_at";

    public override string Stage =>
        "CREATE TEMPORARY TABLE IF NOT EXISTS stage_contract_price (ordinal integer, LIKE contract_price) ON COMMIT DELETE ROWS";

    protected override string Copy => $"COPY pg_temp.stage_contract_price (ordinal, {ColumnNames}) FROM STDIN (FORMAT binary)";

    protected override string Merge =>
        $"""
        INSERT INTO contract_price ({ColumnNames})
        SELECT DISTINCT ON (chain_id, block_hash, log_index, updated_at) {ColumnNames}
        FROM pg_temp.stage_contract_price
        ORDER BY chain_id, block_hash, log_index, updated_at, observed_at DESC, removed DESC
        ON CONFLICT (chain_id, block_hash, log_index, updated_at) DO UPDATE SET removed = excluded.removed, observed_at = excluded.observed_at
        WHERE (excluded.observed_at, excluded.removed) > (contract_price.observed_at, contract_price.removed)
        """;

    protected override async Task WriteAsync(Columns columns, int ordinal, Entry entry, ContractPrice row)
    {
        BigInteger answer = BigInteger.Parse(row.Answer, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        BigInteger round = BigInteger.Parse(row.RoundId, NumberStyles.None, CultureInfo.InvariantCulture);
        await columns.Write(ordinal, NpgsqlDbType.Integer);
        await columns.Write(EventJson.Of(row, answer, round), NpgsqlDbType.Jsonb);
        await columns.Time(row.UpdatedAt);
        await columns.Text(row.Pair);
        await columns.Text(row.Feed);
        await columns.Write(row.ChainId, NpgsqlDbType.Bigint);
        await columns.Text(row.Proxy);
        await columns.Text(row.Aggregator);
        await columns.Write(round, NpgsqlDbType.Numeric);
        await columns.Write(answer, NpgsqlDbType.Numeric);
        await columns.Write(row.Decimals, NpgsqlDbType.Integer);
        await columns.Number(row.Price);
        await columns.Write(row.BlockNumber, NpgsqlDbType.Bigint);
        await columns.Text(row.BlockHash);
        await columns.Text(row.TransactionHash);
        await columns.Write(row.TransactionIndex, NpgsqlDbType.Integer);
        await columns.Write(row.LogIndex, NpgsqlDbType.Integer);
        await columns.Write(row.Removed, NpgsqlDbType.Boolean);
        await columns.Time(row.ObservedAt);
    }
}
