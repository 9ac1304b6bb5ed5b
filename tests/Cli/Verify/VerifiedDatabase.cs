using Assay.Demo.Database;
using Assay.Schemas;
using Assay.Sink;
using Assay.Sink.Internal;
using Assay.Topology;
using Assay.Topology.Tests.Harness;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Assay.Cli.Tests.Verify;

/// <summary>A database with the sink's tables, filled by the sink's writer: of the server that ASSAY_TEST_TIMESCALE names, else of a PostgreSQL of our own.</summary>
public sealed class VerifiedDatabase : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _name = $"test_{Guid.NewGuid():N}";
    private PostgresServer? _own;
    private string _server = "";

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server) { Database = _name, Pooling = false }.ConnectionString;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("ASSAY_TEST_TIMESCALE") is { Length: > 0 } named)
            _server = named;
        else
            _server = (_own = await PostgresServer.StartAsync(new PostgresOptions { DataFolder = _folder.Path, ThrowAway = true }, NullLoggerFactory.Instance, Cancelled)).ConnectionString;
        await ExecuteAsync(_server, $"CREATE DATABASE {_name}");
        await Migrations.ApplyAsync(new SinkOptions { ConnectionString = ConnectionString }, NullLogger.Instance, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync(_server, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
        if (_own is not null)
            await _own.DisposeAsync();
        _folder.Dispose();
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using NpgsqlConnection connection = new(database);
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

    private static object Row(object input) => input is Quote quote ? Ingested.Record(quote) : Ingested.Record((ContractAnswer)input);
}
