using System.Globalization;

namespace Assay.Chaos.Tests;

/// <summary>What <c>./assay test --chaos N --seed S</c> asks for, and where the tests report.</summary>
internal static class ChaosSettings
{
    /// <summary>How many faults; null: as many as the test thinks right.</summary>
    public static int? Faults => Number("ASSAY_CHAOS_FAULTS");

    /// <summary>The seed to repeat, or a new one.</summary>
    public static int Seed => Number("ASSAY_CHAOS_SEED") ?? Random.Shared.Next();

    public static void Report(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
