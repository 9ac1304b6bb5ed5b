using System.Diagnostics;

namespace Assay.Tests.Support;

/// <summary>Runs programs to their end, within a bound.</summary>
public static class Programs
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    /// <summary>The dotnet that runs these tests.</summary>
    public static string Dotnet => Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";

    /// <summary>An assembly of the project of the same name under <c>src</c> or <c>bench</c>, as built beside these tests.</summary>
    public static string BuiltBeside(string folder, string assembly)
    {
        char slash = Path.DirectorySeparatorChar;
        return Path.Combine(AppContext.BaseDirectory.Replace($"{slash}tests{slash}", $"{slash}{folder}{slash}", StringComparison.Ordinal), assembly);
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
