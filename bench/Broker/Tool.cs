using System.Diagnostics;

namespace Assay.Broker.Bench;

/// <summary>Runs a tool of the Apache Kafka distribution.</summary>
internal static class Tool
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(150);

    /// <summary>What the tool printed, line by line.</summary>
    public static async Task<string[]> RunAsync(string kafkaHome, string tool, string[] arguments, CancellationToken ct)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(Bound);
        ProcessStartInfo start = new(Path.Combine(kafkaHome, "bin", tool), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(bound.Token);
            string output = await process.StandardOutput.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return process.ExitCode == 0
                ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                : throw new InvalidOperationException($"{tool} ended with {process.ExitCode}:\n{await errors}{output}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
