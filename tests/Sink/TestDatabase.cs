using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>A database of one test; dropped at its end.</summary>
public sealed class TestDatabase(string connectionString, Func<Task> drop) : IAsyncDisposable
{
    public string ConnectionString => connectionString;

    public async ValueTask DisposeAsync() => await drop();

    /// <summary>Runs the statements in one session, each by itself.</summary>
    public async Task RunAsync(params string[] statements)
    {
        await using NpgsqlConnection connection = await OpenAsync();
        foreach (string sql in statements)
        {
            await using NpgsqlCommand command = new(sql, connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        object? answer = await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        return Assert.IsType<T>(answer is DBNull ? null : answer, exactMatch: false);
    }

    /// <summary>The rows of a query, each as its columns' text between bars; null as ∅.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        // All as the server's text, so that a numeric shows its scale.
        command.AllResultTypesAreUnknown = true;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<string> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "∅" : reader.GetString(column))));
        return rows;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(ConnectionString) { Timezone = "UTC" }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
