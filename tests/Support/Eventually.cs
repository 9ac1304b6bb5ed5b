using System.Diagnostics;

namespace Assay.Tests.Support;

/// <summary>Waits for a condition with a bound: the alternative to a sleep that hopes.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultBound = TimeSpan.FromSeconds(30);

    /// <summary>Asks until <paramref name="condition"/> holds; fails with <paramref name="what"/> after the bound.</summary>
    public static async Task True(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        TimeSpan bound = within ?? DefaultBound;
        Stopwatch elapsed = Stopwatch.StartNew();
        while (!await condition())
        {
            if (elapsed.Elapsed > bound)
                Assert.Fail($"Within {bound.TotalSeconds:0} s it did not happen that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc cref="True(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task True(Func<bool> condition, string what, TimeSpan? within = null) => True(() => Task.FromResult(condition()), what, within);
}
