using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Assay.Cli.Tests.Commands;

/// <summary>The program itself, as built beside these tests, in a process of its own.</summary>
internal sealed class AssayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();
    private bool _disposed;

    private AssayProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Output => _output;

    public bool HasExited => _process.HasExited;

    public string Error => string.Join('\n', _error);

    public static AssayProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(Programs.Dotnet, [Programs.BuiltBeside("src", "assay.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new AssayProcess(new Process { StartInfo = start });
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int ExitCode, IReadOnlyCollection<string> Output, string Error)> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using AssayProcess process = Start(arguments, environment);
        int exitCode = await process.ExitAsync();
        return (exitCode, process.Output, process.Error);
    }

    public async Task<int> ExitAsync(TimeSpan? within = null)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(within ?? Bound);
        await _process.WaitForExitAsync(bound.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM.</summary>
    public void AskToStop()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<string> LineAsync(string beginning)
    {
        await Eventually.True(
            () => _process.HasExited || _output.Concat(_error).Any(line => line.Contains(beginning, StringComparison.Ordinal)), $"a line with '{beginning}' came; the errors are: {Error}", Bound);
        return _output.Concat(_error).FirstOrDefault(line => line.Contains(beginning, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"It ended: {Error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
