using System.Text.Json;
using Assay.Broker;

namespace Assay.Topology.Tests;

/// <summary><c>assay bench topology</c> in a process of its own, small.</summary>
public sealed class BenchTests : IAsyncLifetime
{
    private const int Records = 6_300;

    private KafkaBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions(), ct: TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Bench_fills_the_topics_and_measures_the_topology_over_them()
    {
        JsonElement first = Line(await Bench("--quotes", "6000", "--answers", "300", "--pairs", "3"));
        AssertMeasured(first, "assay");

        JsonElement again = Line(await Bench("--filled", "--pairs", "3", "--threads", "1"));
        AssertMeasured(again, "assay");
    }

    [Fact]
    public async Task Bench_measures_a_bare_loop_over_the_same_topics()
    {
        JsonElement loop = Line(await Bench("--quotes", "6000", "--answers", "300", "--pairs", "3", "--loop"));
        AssertMeasured(loop, "loop");
    }

    [Fact]
    public async Task Bench_does_not_fill_topics_that_hold_records()
    {
        string[] small = ["--quotes", "30", "--answers", "3", "--apis", "quotes"];
        await Bench(small);
        (int exitCode, string output, string error) = await Bench(small);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("'quotes' or 'contracts' holds records already: say --filled", error, StringComparison.Ordinal);
    }

    private static void AssertMeasured(JsonElement line, string engine)
    {
        Assert.Equal(
            ["engine", "records", "seconds", "records_per_second", "rss_mb", "emitted"], line.EnumerateObject().Select(property => property.Name));
        Assert.Equal((engine, Records), (line.GetProperty("engine").GetString(), line.GetProperty("records").GetInt64()));
        Assert.All(["seconds", "records_per_second", "rss_mb", "emitted"], (string name) => Assert.True(line.GetProperty(name).GetDouble() > 0, line.ToString()));
    }

    private static JsonElement Line((int ExitCode, string Output, string Error) run)
    {
        Assert.True(run.ExitCode == 0, $"It ended with {run.ExitCode}: {run.Error}");
        return JsonElement.Parse(run.Output);
    }

    private Task<(int ExitCode, string Output, string Error)> Bench(params string[] options) => Programs.RunAsync(
        Programs.Dotnet, [Programs.BuiltBeside("bench", "Assay.Topology.Bench.dll"), "topology", "--bootstrap", _broker.Bootstrap, .. options]);
}
