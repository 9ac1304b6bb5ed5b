using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Assay.Integration.Tests;

/// <summary>The demo in one go: what a newcomer sees, and what other people's programs read from it.</summary>
public sealed class DemoTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private DemoProcess _demo = null!;

    public async ValueTask InitializeAsync() => _demo = await DemoProcess.StartAsync(_folder["demo"], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _demo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Demo_answers_the_original_queries_and_other_peoples_clients_and_stops_with_all_its_children()
    {
        await OriginalQueriesAnswerAsync();
        await KcatPrintsAccuracyAsync();
        await TablesAgreeAsync();

        Assert.Contains("kcat -C", _demo.Output, StringComparison.Ordinal);
        Assert.Contains("psql -h", _demo.Output, StringComparison.Ordinal);
        IReadOnlyList<int> children = Children();
        Assert.NotEmpty(children);
        Assert.Equal(0, await _demo.StopAsync());
        Assert.DoesNotContain(children, IsRunning);
    }

    [Fact]
    public async Task Demo_prints_what_kafkas_console_consumer_reads()
    {
        string tool = Foreign.KafkaTool("kafka-console-consumer.sh");
        string printed = await RunAsync(tool, "--bootstrap-server", _demo.Kafka, "--topic", "accuracy", "--from-beginning", "--max-messages", "2", "--timeout-ms", "60000");
        Assert.Equal(2, printed.Split('\n').Count(IsAccuracy));
    }

    private async Task OriginalQueriesAnswerAsync()
    {
        Assert.NotEmpty(await Database.RowsAsync(_demo.Database, "SELECT * FROM contract_price;"));
        Assert.NotEmpty(await Database.RowsAsync(_demo.Database, "SELECT * FROM api_price;"));
        decimal price = await Database.ScalarAsync<decimal>(
            _demo.Database,
            "SELECT (event -> 'ethereum' ->> 'usd')::numeric as price FROM api_price WHERE event ->> 'event_type' = 'cg' order by updated_at desc limit 1");
        Assert.InRange(price, 100, 100_000);
    }

    private async Task KcatPrintsAccuracyAsync()
    {
        string kcat = Foreign.Program("kcat", "apt-get install kcat");
        string printed = await RunAsync(kcat, "-C", "-q", "-b", _demo.Kafka, "-t", "accuracy", "-o", "beginning", "-c", "3", "-X", "isolation.level=read_committed");
        Assert.Equal(3, printed.Split('\n').Count(IsAccuracy));
    }

    private async Task TablesAgreeAsync()
    {
        // Some windows of all three feeds first.
        await Eventually.True(async () => await Database.ScalarAsync<long>(_demo.Database, "SELECT count(DISTINCT at) FROM accuracy WHERE trigger = 'window'") >= 4, "four windows closed");
        string until = "(SELECT max(at) - INTERVAL '5 s' FROM accuracy WHERE trigger = 'window')";
        await Eventually.True(
            async () => (await Database.RowsAsync(_demo.Database, Recomputation.Differences(until))).Count == 0, "accuracy agreed with the raw rows");
        Assert.Equal(3L, await Database.ScalarAsync<long>(_demo.Database, "SELECT count(DISTINCT feed) FROM accuracy"));
    }

    private static bool IsAccuracy(string line)
    {
        if (!line.StartsWith('{'))
            return false;
        using JsonDocument json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("id").GetString()!.StartsWith(json.RootElement.GetProperty("feed").GetString()!, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        try
        {
            return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        }
        finally
        {
            process.Kill();
        }
    }

    private List<int> Children() =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(process => ParentOf(process) == _demo.Id)];

    private static int? ParentOf(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
            return int.Parse(line.AsSpan("PPid:".Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");
}
