using System.Diagnostics;
using System.Globalization;

namespace Assay.Cli.Demo;

/// <summary>Prints what is being started, and how long each step took.</summary>
internal sealed class Steps(TextWriter output)
{
    private readonly Lock _lock = new();

    /// <summary>Runs one step; its line appears when it is done. <paramref name="what"/> makes the line from the result.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> step, Func<T, string> what)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        T result = await step();
        lock (_lock)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ✓ {what(result)}  ({elapsed.Elapsed.TotalSeconds:0.0} s)"));
        return result;
    }
}
