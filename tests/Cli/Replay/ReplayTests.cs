using System.Text.Json;
using Assay.Cli.Tests.Commands;
using Assay.Schemas;

namespace Assay.Cli.Tests.Replay;

/// <summary><c>assay replay --out</c>: recorded history through the rules, in this process.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Answers = """
        pair,round_id,answer,updated_at
        SOL-USD,1,10000000000,1692308400
        SOL-USD,2,10200000000,2023-08-17T21:41:30Z
        """;

    private const string Quotes = """
        price,pair,time
        100,SOL-USD,1692308430
        101.5,SOL-USD,1692308490000
        102,SOL-USD,2023-08-17 21:42:00+00:00
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_window_closes_and_a_feed_that_is_not_declared_has_the_defaults()
    {
        List<Accuracy> records = await ReplayAsync(Answers, Quotes);

        Assert.Equal(
            ["sol-usd/window/1692308460000", "sol-usd/answer/2", "sol-usd/window/1692308520000", "sol-usd/window/1692308580000"], records.Select(record => record.Id));
        Assert.Equal([0m, 2m, 0.492611m, 0m], records.Select(record => record.DeviationPct!.Value));
        Assert.Equal([AccuracyStatus.Ok, AccuracyStatus.Deviating, AccuracyStatus.Ok, AccuracyStatus.Ok], records.Select(record => record.Status));
        Assert.All(records, record => Assert.Equal(("SOL-USD", 1L, "market"), (record.Pair, record.ChainId, record.Sources[0].Key)));
    }

    [Fact]
    public async Task Order_of_the_lines_and_of_delivery_changes_only_revisions()
    {
        string reversed = string.Join('\n', Quotes.Split('\n').Take(1).Concat(Quotes.Split('\n').Skip(1).Reverse()));
        List<Accuracy> plain = await ReplayAsync(Answers, Quotes);
        Assert.Equal(Unrevised(plain), Unrevised(await ReplayAsync(Answers, reversed)));
        foreach (int seed in new[] { 1, 2, 3 })
            Assert.Equal(Unrevised(plain), Unrevised(await ReplayAsync(Answers, Quotes, "--shuffle", $"{seed}")));
    }

    [Fact]
    public async Task Answer_that_is_taken_back_has_no_line_and_a_copy_changes_nothing()
    {
        const string Messages = """
            pair,feed,round_id,answer,updated_at,block_hash,log_index,removed,observed_at,decimals
            SOL-USD,sol,1,1000,1692308400,0xa,1,,1692308401,1
            SOL-USD,sol,1,1000,1692308400,0xa,1,false,1692308402,1
            SOL-USD,sol,2,2000,1692308410,0xb,1,0,1692308411,1
            SOL-USD,sol,2,2000,1692308410,0xb,1,true,1692308412,1
            """;
        List<Accuracy> records = await ReplayAsync(Messages, Quotes);
        Assert.All(records, record => Assert.Equal(("sol", "1", 100m), (record.Feed, record.RoundId, record.ContractPrice!.Value)));
        Assert.Equal(3, records.Count);
    }

    [Fact]
    public async Task Malformed_line_is_said_with_file_line_and_reason_counted_and_skipped()
    {
        string bad = "pair,price,time,source,quoted_at\nSOL-USD,100,1692308430,,\nSOL-USD,x,1692308430,,\nSOL-USD,1,yesterday,,\n\nSOL-USD,1\nSOL-USD,-1,1692308430,,\n\"SOL-USD\",\"1\",1692308430,\"a,b\",soon\n";
        (int exitCode, string error) = await RunAsync(Answers, bad);

        Assert.Equal(0, exitCode);
        string quotes = _folder["quotes.csv"];
        Assert.Contains($"{quotes}:3: price 'x' is not a number; skipped", error, StringComparison.Ordinal);
        Assert.Contains($"{quotes}:4: time 'yesterday' is neither unix seconds nor milliseconds nor ISO-8601; skipped", error, StringComparison.Ordinal);
        Assert.Contains($"{quotes}:6: it has 2 fields where the header names 5; skipped", error, StringComparison.Ordinal);
        Assert.Contains($"{quotes}:7: The price -1 is not a positive number", error, StringComparison.Ordinal);
        Assert.Contains($"{quotes}:8: quoted_at 'soon' is neither", error, StringComparison.Ordinal);
        Assert.Contains("5 lines skipped", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', error);
        Assert.Equal(2, (await File.ReadAllLinesAsync(_folder["out.jsonl"], TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Strict_stops_at_the_first_malformed_line()
    {
        (int exitCode, string error) = await RunAsync(Answers + "\nSOL-USD,3,0,1692308500\nSOL-USD,x,1,1692308500", Quotes, "--strict");
        Assert.Equal((1, $"assay: {_folder["answers.csv"]}:4: the answer 0 is not positive."), (exitCode, error));
    }

    [Theory]
    [InlineData("pair,round_id,answer\n", "the header names no column 'updated_at'; it has pair, round_id, answer.")]
    [InlineData("", "is empty: its first line must name the columns.")]
    public async Task Header_that_lacks_a_column_is_one_sentence(string answers, string sentence)
    {
        (int exitCode, string error) = await RunAsync(answers, Quotes);
        Assert.Equal(1, exitCode);
        Assert.EndsWith(sentence, error, StringComparison.Ordinal);
    }

    private static List<string> Unrevised(List<Accuracy> records) => [.. records.Select(record => JsonSerializer.Serialize(record with { Revision = 0 }))];

    private async Task<List<Accuracy>> ReplayAsync(string answers, string quotes, params string[] options)
    {
        (int exitCode, string error) = await RunAsync(answers, quotes, options);
        Assert.True(exitCode == 0, error);
        return [.. File.ReadLines(_folder["out.jsonl"]).Select(line => AccuracyJson.Read(System.Text.Encoding.UTF8.GetBytes(line)))];
    }

    private async Task<(int ExitCode, string Error)> RunAsync(string answers, string quotes, params string[] options)
    {
        await File.WriteAllTextAsync(_folder["answers.csv"], answers, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["quotes.csv"], quotes, TestContext.Current.CancellationToken);
        (int exitCode, _, string error) = await AssayProcess.RunAsync(
            ["replay", "--answers", _folder["answers.csv"], "--quotes", _folder["quotes.csv"], "--out", _folder["out.jsonl"], .. options]);
        return (exitCode, error);
    }
}
