using Npgsql;

namespace Assay.Chaos.Tests.Demo;

/// <summary>What must hold when all has settled: nothing is lost, nothing is there twice, and each figure follows from the raw rows.</summary>
internal sealed class Judgement(Stage stage, ServedQuotes quotes, string folder)
{
    private static readonly TimeSpan VerifyBound = TimeSpan.FromSeconds(60);
    private int _verifications;

    /// <summary>What the verification printed last.</summary>
    public string Verified { get; private set; } = "";

    /// <summary>Logs on the chain, as last asked.</summary>
    public int Logs { get; private set; }

    /// <summary>Empty when all holds.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        List<string> differences = [];
        await using (NpgsqlConnection connection = new(stage.Database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            differences.AddRange(await ChainDifferencesAsync(connection));
            differences.AddRange((await quotes.DifferencesAsync(connection)).Select(difference => $"api_price: {difference}"));
            // The market serves no nonsense and the oracle writes none, so there is nothing that could be rejected.
            differences.AddRange((await RowsAsync(connection, "SELECT to_jsonb(dead_letter)::text, '' FROM dead_letter")).Select(row => $"dead_letter: {row.Text}"));
        }
        // Only then: it is a process each time.
        return differences.Count > 0 || await VerifyAsync() ? differences : [$"assay verify: {Verified}"];
    }

    private async Task<IEnumerable<string>> ChainDifferencesAsync(NpgsqlConnection connection)
    {
        HashSet<string> chain = [.. await ChainLogs.ReadAsync(stage.Node.Http)];
        Logs = chain.Count;
        List<(string Log, string Row)> rows =
            await RowsAsync(connection, "SELECT block_hash || '/' || log_index, (to_jsonb(contract_price) - 'event')::text FROM contract_price WHERE NOT removed");
        ILookup<string, string> stored = rows.ToLookup(row => row.Log, row => row.Row);
        return
        [
            .. chain.Where(log => !stored.Contains(log)).Select(log => $"contract_price: the log {log} lacks"),
            .. stored.Where(log => !chain.Contains(log.Key)).Select(log => $"contract_price: not on the chain: {string.Join(", ", log)}"),
            .. stored.Where(log => log.Count() > 1).Select(log => $"contract_price: more than once: {string.Join(", ", log)}"),
        ];
    }

    private async Task<bool> VerifyAsync()
    {
        string log = Path.Combine(folder, $"verify-{++_verifications}.log");
        int exitCode;
        using (ChildProcess verify = Stage.Program(log, "verify", "--config", stage.ConfigurationFile))
        {
            await Eventually.True(() => verify.HasExited, "assay verify ended", VerifyBound);
            exitCode = verify.ExitCode;
        }
        // All that it printed is there now.
        Verified = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        return exitCode == 0;
    }

    private static async Task<List<(string Text, string Row)>> RowsAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The tests' own text.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<(string Text, string Row)> rows = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }
}
