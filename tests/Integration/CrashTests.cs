namespace Assay.Integration.Tests;

/// <summary>The demo's main process is killed in mid-flow and started again on the same data.</summary>
public sealed class CrashTests
{
    private const int Kills = 3;

    [Fact]
    public async Task Demo_killed_and_started_again_has_every_log_once_and_judges_rightly()
    {
        using TemporaryFolder folder = new();
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int kill = 0; kill < Kills; kill++)
        {
            await using DemoProcess killed = await DemoProcess.StartAsync(folder["demo"], TestContext.Current.CancellationToken);
            // Dies after a few more records, at a random distance from the last.
            long enough = await RecordsAsync(killed) + random.Next(1, 12);
            await Eventually.True(async () => await RecordsAsync(killed) >= enough, "more records came");
            await Task.Delay(random.Next(300), TestContext.Current.CancellationToken);
            await killed.KillAsync();
        }

        await using DemoProcess demo = await DemoProcess.StartAsync(folder["demo"], TestContext.Current.CancellationToken);
        await EveryLogOnceAsync(demo);
        string until = "(SELECT max(at) - INTERVAL '5 s' FROM accuracy WHERE trigger = 'window')";
        IReadOnlyList<object[]> differences = [];
        await Eventually.True(
            async () => (differences = await Database.RowsAsync(demo.Database, Recomputation.Differences(until))).Count == 0, "accuracy agreed with the raw rows");
        Assert.Equal(0, await demo.StopAsync());
    }

    private static async Task EveryLogOnceAsync(DemoProcess demo)
    {
        IReadOnlyList<string> onChain = await ChainLogs.ReadAsync(demo.Chain);
        Assert.NotEmpty(onChain);
        await Eventually.True(async () => onChain.Except(await StoredAsync(demo)).ToList() is [], "every log of the chain was stored");
        IReadOnlyList<string> stored = await StoredAsync(demo);
        Assert.Empty(stored.Except(await ChainLogs.ReadAsync(demo.Chain)));
        Assert.Equal(stored.Count, stored.Distinct().Count());
    }

    /// <summary>Logs still on the chain, as <c>block hash/log index</c>.</summary>
    private static async Task<IReadOnlyList<string>> StoredAsync(DemoProcess demo) =>
        [.. (await Database.RowsAsync(demo.Database, "SELECT block_hash || '/' || log_index FROM contract_price WHERE NOT removed")).Select(row => (string)row[0])];

    private static Task<long> RecordsAsync(DemoProcess demo) => Database.ScalarAsync<long>(demo.Database, "SELECT count(*) FROM accuracy");
}
