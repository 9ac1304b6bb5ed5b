namespace Assay.Chaos.Tests;

/// <summary>An application of every store kind, in up to three processes that are killed, frozen, stopped and started at random, on a broker that is killed too:
/// what it commits is what the model says, no record missing, none twice.</summary>
/// <remarks><c>./assay test --chaos 100</c> sets the number of faults; <c>--seed</c> repeats a run's choices.</remarks>
[Collection(ChaosCollection.Name)]
public sealed class CrashTests
{
    private const int Faults = 20;
    private static readonly TimeSpan BrokerBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan QuietBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(120);

    [Fact]
    public Task Rule06_07_17_committed_output_is_the_models_whatever_dies_on_our_broker() =>
        Run((folder, port, log) => ChildProcess.StartSelf(log, "--broker", folder, $"{port}"), killsBroker: true);

    [Fact]
    public Task Rule06_07_17_committed_output_is_the_models_whatever_dies_on_Apache_Kafka()
    {
        string program = Foreign.KafkaTool("one-node.sh");
        return Run((folder, port, log) =>
        {
            Directory.CreateDirectory(folder);
            // Quick to forget the dead; its own defaults are for clusters.
            File.WriteAllText(Path.Combine(folder, "extra.properties"), "group.min.session.timeout.ms=1000\ntransaction.abort.timed.out.transaction.cleanup.interval.ms=500\n");
            return ChildProcess.Start(log, program, folder, $"{port}");
            // It is not killed itself: started again as the only broker, its coordinator takes partitions that it does not know yet for deleted, gives them no marker
            // of the transaction that it aborts, and leaves that open in them for ever (seen in 4.3.1; in a cluster another broker takes over).
        }, killsBroker: false);
    }

    private static async Task Run(Func<string, int, string, ChildProcess> startBroker, bool killsBroker)
    {
        int seed = ChaosSettings.Seed;
        int port = FreePort.Lasting();
        string bootstrap = $"127.0.0.1:{port}";
        string folder = Directory.CreateTempSubdirectory("assay-chaos-").FullName;
        ChaosSettings.Report($"seed {seed}; logs and data in {folder}");
        FaultTarget broker = new("broker", log => startBroker(Path.Combine(folder, "data"), port, log)) { Needed = true, KilledOnly = true };
        FaultTarget[] instances =
        [
            // Static, so that it takes its partitions back; its stores are in memory. The others find theirs on disk again.
            new("one", log => ChildProcess.StartSelf(log, "--instance", bootstrap, "1", "one", "")),
            new("two", log => ChildProcess.StartSelf(log, "--instance", bootstrap, "1", "", Path.Combine(folder, "state-two"))),
            // Two threads: tasks move between them too.
            new("three", log => ChildProcess.StartSelf(log, "--instance", bootstrap, "2", "", Path.Combine(folder, "state-three"))),
        ];
        try
        {
            broker.Start(folder);
            using Feed feed = new(bootstrap);
            await feed.MakeTopics(BrokerBound);
            using OutputReader output = new(bootstrap);
            FaultPlan plan = new() { Seed = seed, Faults = ChaosSettings.Faults ?? Faults, SessionTimeout = ChaosApplication.SessionTimeout, Logs = folder };
            FaultDriver driver = new(plan, killsBroker ? [broker, .. instances] : instances, () => output.Count, ChaosSettings.Report);
            ChaosInput input = new(seed);
            using CancellationTokenSource enough = new();
            Task feeding = feed.Run(input, enough.Token);
            try
            {
                await driver.RunAsync();
            }
            finally
            {
                // Whatever has failed: a producer that is used when it is gone ends the process.
                await enough.CancelAsync();
                await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await feeding;

            Dictionary<string, Expectation> expected = ChaosModel.Expected(input.Records);
            ChaosSettings.Report($"{input.Records.Count} records sent, {expected.Values.Sum(key => key.Records.Count)} results of {expected.Count} keys expected");
            await Drain(driver, output, expected);
            await driver.StopAsync(instances);
            Comparison.Check(expected, OutputReader.ReadAll(bootstrap));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"With seed {seed} (its faults are in the test's output, logs and data in {folder}): {failure.Message}", failure);
        }
        finally
        {
            foreach (FaultTarget target in (FaultTarget[])[.. instances, broker])
                target.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Waits until what must come is there, or nothing comes any more: then the comparison says what is missing.</summary>
    private static async Task Drain(FaultDriver driver, OutputReader output, Dictionary<string, Expectation> expected)
    {
        int seen = -1;
        long since = 0;
        await Eventually.True(
            () =>
            {
                driver.CheckExits();
                if (output.Count == seen)
                    return TimeProvider.System.GetElapsedTime(since) > QuietBound;
                (seen, since) = (output.Count, TimeProvider.System.GetTimestamp());
                return Comparison.Differences(expected, output.Records).Count == 0;
            },
            "the last results were committed", DrainBound);
    }
}
