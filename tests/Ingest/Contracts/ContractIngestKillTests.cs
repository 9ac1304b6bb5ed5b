using System.Diagnostics;
using Assay.Ingest.Contracts;

namespace Assay.Ingest.Tests.Contracts;

public sealed class ContractIngestKillTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_log_is_written_once_though_the_process_is_killed_at_any_moment()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        Random random = new(seed);
        await using Harness harness = await Harness.StartAsync();
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task submitting = SubmitAsync(harness, enough.Token);

        for (int kill = 0; kill < 6; kill++)
        {
            using Process ingest = Start(harness);
            // Every other one dies while it starts.
            if (kill % 2 == 0)
                await ingest.StandardOutput.ReadLineAsync(Cancellation);
            await Task.Delay(random.Next(600), Cancellation);
            ingest.Kill();
            await ingest.WaitForExitAsync(Cancellation);
        }
        await enough.CancelAsync();
        await submitting;
        harness.Run();

        await harness.AssertEachLogOnceAsync(TimeSpan.FromSeconds(60));
        Assert.True((await harness.LogsAsync()).Count > 20, $"too few logs to tell anything (seed {seed})");
    }

    /// <summary>Each submission is waited for, the last one too: what the chain holds stands still afterwards.</summary>
    private static async Task SubmitAsync(Harness harness, CancellationToken enough)
    {
        for (decimal price = 1; !enough.IsCancellationRequested; price++)
        {
            foreach (FeedOptions feed in harness.Feeds)
                await harness.Chain.SubmitAsync(feed.Pair, price, Cancellation);
        }
    }

    private static Process Start(Harness harness)
    {
        string host = Environment.ProcessPath!;
        string[] assembly = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(ContractIngestKillTests).Assembly.Location] : [];
        return Process.Start(new ProcessStartInfo(
            host,
            [.. assembly, "--contracts", harness.Anvil.WebSocket.ToString(), harness.Kafka.Bootstrap, harness.Kafka.Registry.ToString(), .. harness.Feeds.Select(feed => $"{feed.Name}={feed.Proxy}")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }
}
