using Npgsql;

namespace Assay.Integration.Tests;

/// <summary>Questions to a demo's database.</summary>
internal static class Database
{
    /// <summary>The first column of the first row.</summary>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        object? value = (await RowsAsync(connectionString, sql)).Select(row => row[0]).FirstOrDefault();
        return value is T typed ? typed : throw new InvalidOperationException($"'{sql}' answered {value ?? "nothing"}.");
    }

    public static async Task<IReadOnlyList<object[]>> RowsAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
#pragma warning disable CA2100 // The tests' own text.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<object[]> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            object[] row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }
}
