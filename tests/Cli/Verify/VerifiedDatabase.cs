using Assay.Demo.Database;
using Assay.Schemas;
using Assay.Sink;
using Assay.Sink.Internal;
using Assay.Topology;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Cli.Tests.Verify;

/// <summary>A PostgreSQL of our own with the sink's tables, filled by the sink's writer.</summary>
public sealed class VerifiedDatabase : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresServer _server = null!;

    public string ConnectionString => _server.ConnectionString;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(new PostgresOptions { DataFolder = _folder.Path, ThrowAway = true }, NullLoggerFactory.Instance, Cancelled);
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = ConnectionString }, NullLogger.Instance, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using NpgsqlConnection connection = new(ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    /// <summary>Empties the tables, then stores the inputs as the topics would have them, and the records, in batches of a random size.</summary>
    internal async Task StoreAsync(IEnumerable<object> inputs, IEnumerable<Accuracy> records, Random random)
    {
        await ExecuteAsync("TRUNCATE contract_price, api_price, accuracy, dead_letter, sink_offset");
        TopicPartition[] partitions = [new(Topics.Contracts, 0), new(Topics.Apis, 0), new(Topics.Accuracy, 0)];
        long[] offsets = new long[partitions.Length];
        List<Entry> entries = [];
        foreach (object row in inputs.Select(Row).Concat(records))
        {
            int place = row is ContractPrice ? 0 : row is ApiPrice ? 1 : 2;
            entries.Add(new Entry(partitions[place], offsets[place]++, row, null, null));
        }
        await using DatabaseWriter writer = new(ConnectionString, "test");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync(partitions, Cancelled);
        for (int done = 0; done < entries.Count;)
        {
            int size = Math.Min(entries.Count - done, 1 + random.Next(entries.Count));
            await writer.WriteAsync(entries[done..(done + size)], claims, Cancelled);
            done += size;
        }
    }

    private static object Row(object input) => input is Quote quote
        ? new ApiPrice
        {
            Pair = quote.Pair,
            Source = quote.Source,
            EventType = "cg",
            Price = quote.Price,
            QuotedAt = quote.QuotedAt is { } quotedAt ? Utc(quotedAt) : null,
            ObservedAt = Utc(quote.ObservedAt),
            Event = "{}",
        }
        : Row((ContractAnswer)input);

    private static ContractPrice Row(ContractAnswer answer) => new()
    {
        Pair = answer.Pair,
        Feed = answer.Feed,
        ChainId = answer.ChainId,
        Aggregator = "0x00",
        RoundId = answer.RoundId,
        Answer = "1",
        Decimals = 8,
        Price = answer.Price,
        UpdatedAt = Utc(answer.UpdatedAt),
        BlockNumber = answer.BlockNumber,
        BlockHash = answer.BlockHash,
        TransactionHash = "0x00",
        TransactionIndex = 0,
        LogIndex = answer.LogIndex,
        Removed = answer.Removed,
        ObservedAt = Utc(answer.ObservedAt),
    };

    private static DateTime Utc(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}
