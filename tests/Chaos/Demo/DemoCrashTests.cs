namespace Assay.Chaos.Tests.Demo;

/// <summary>The demo, each role a process of its own, while all that can die does and the chain reorganises: afterwards nothing is lost, doubled or wrong.</summary>
/// <remarks><c>./assay test --chaos 100</c> sets the number of faults; <c>--seed</c> repeats a run's choices.</remarks>
[Collection(ChaosCollection.Name)]
public sealed class DemoCrashTests
{
    private const int Faults = 10;
    private static readonly TimeSpan SettleBound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Demo_of_killed_frozen_and_cut_off_processes_has_every_log_and_response_once_and_judges_rightly()
    {
        int seed = ChaosSettings.Seed;
        string folder = Directory.CreateTempSubdirectory("assay-chaos-").FullName;
        ChaosSettings.Report($"seed {seed}; logs and data in {folder}");
        try
        {
            await using Stage stage = await Stage.StartAsync(folder);
            Incidents incidents = new(stage);
            FaultPlan plan = new()
            {
                Seed = seed,
                Faults = ChaosSettings.Faults ?? Faults,
                SessionTimeout = TimeSpan.FromSeconds(10),
                MostWork = 8,
                Logs = folder,
            };
            FaultDriver driver = new(plan, stage.Targets, () => stage.Revisions, ChaosSettings.Report, incidents.All);
            await driver.RunAsync();
            await stage.SettleAsync();

            ServedQuotes quotes = new(stage, incidents);
            Judgement judgement = new(stage, quotes, folder);
            await SettledAsync(driver, judgement);
            ChaosSettings.Report($"{judgement.Logs} logs on the chain; {quotes.Compared} quotes served, {quotes.Excused} of them to a client that died or was cut off; {judgement.Verified.Trim().ReplaceLineEndings(" ")}");
            Assert.True(judgement.Logs > 0 && quotes.Compared > 2 * quotes.Excused, "Too little happened to be judged.");
            await driver.StopAsync([stage.Sink, stage.Topology, stage.Apis, stage.Contracts, stage.Broker]);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"With seed {seed} (its faults are in the test's output, logs and data in {folder}): {failure.Message}", failure);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task SettledAsync(FaultDriver driver, Judgement judgement)
    {
        IReadOnlyList<string> differences = [];
        long started = TimeProvider.System.GetTimestamp();
        do
        {
            driver.CheckExits();
            differences = await judgement.DifferencesAsync();
            if (differences.Count == 0)
                return;
            await Task.Delay(LookAgain, TestContext.Current.CancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(started) < SettleBound);
        Assert.Fail($"After {SettleBound.TotalSeconds:0} s there are still differences:{Environment.NewLine}{string.Join(Environment.NewLine, differences)}");
    }
}
