using System.Globalization;
using Assay.Cli.Tests.Commands;
using Assay.Cli.Verify;
using Assay.Schemas;
using Assay.Topology;
using Assay.Topology.Tests.Harness;
using Npgsql;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Cli.Tests.Verify;

/// <summary><c>assay verify</c>: the table is what SQL makes of the raw rows, and whatever is not is found.</summary>
public sealed class VerifierTests(VerifiedDatabase database) : IClassFixture<VerifiedDatabase>
{
    private const int Cases = 120;

    private static readonly object[] Inputs =
    [
        Answer(0, 100), Quote(30, 100), Quote(31, 101, "kraken", quotedAt: 20), Quote(71, 100), Answer(80, 102, "2"), Quote(131, 100), Quote(141, 103), Quote(191, 99),
        Answer(250, 98, "3"), Quote(300, 101),
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_found_in_what_topology_and_sink_made_of_random_inputs()
    {
        int first = int.TryParse(Environment.GetEnvironmentVariable("ASSAY_TEST_SEED"), CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        long compared = 0, open = 0;
        for (int number = 0; number < Cases; number++)
        {
            int seed = unchecked(first + number);
            Random random = new(seed);
            RandomCase drawn = new(seed);
            // A log's block hash and index are one chain's own; the generator draws them for each feed.
            List<object> inputs = [.. drawn.Delivery.Select(input => input is ContractAnswer answer ? answer with { BlockHash = answer.Feed + answer.BlockHash } : input)];
            if (random.Next(2) == 0)
                inputs.Add(new Quote { Pair = drawn.Options.Feeds[0].Pair, Source = drawn.Options.Sources[0].Name, Price = 1, ObservedAt = drawn.End });
            List<Accuracy> records = Judge(drawn.Options, inputs);
            await database.StoreAsync(inputs, records, random);

            Findings findings = await new Verifier(database.ConnectionString, drawn.Options, TimeProvider.System).VerifyAsync(new VerifyRange(), Cancelled);

            if (findings.Differences is [{ } one, ..])
            {
                Assert.Fail($"ASSAY_TEST_SEED={seed} begins with this case, the {number + 1}th of this run: {findings}, the first {one.Id} at {one.At} {one.Kind}, expected {Shown(one.Expected)}, "
                    + $"stored {Shown(one.Stored)}, of {string.Join("; ", await new Verifier(database.ConnectionString, drawn.Options, TimeProvider.System).InputsAsync(one, Cancelled))}");
            }
            compared += findings.Windows + findings.Answers;
            open += findings.OpenWindows + findings.OpenAnswers;
        }
        // A verifier that leaves all out would find nothing either.
        Assert.True(compared > Cases * 10, $"{compared} records in {Cases} cases");
        Assert.True(open > 0, "no window was open");
    }

    [Theory]
    [InlineData("UPDATE accuracy SET average = average + 1e-20 WHERE id LIKE '%window%60000'", "different", "average")]
    [InlineData("UPDATE accuracy SET deviation_pct = deviation_pct + 0.000001 WHERE id LIKE '%answer/2'", "different", "deviation_pct")]
    [InlineData("UPDATE accuracy SET dispersion_pct = dispersion_pct + 0.000001 WHERE id LIKE '%window%60000'", "different", "dispersion_pct")]
    [InlineData("UPDATE accuracy SET status = 'stale' WHERE id LIKE '%answer/2'", "different", "status")]
    [InlineData("UPDATE accuracy SET round_id = 7 WHERE id LIKE '%answer/2'", "different", "round_id")]
    [InlineData("UPDATE accuracy SET contract_price = 5 WHERE id LIKE '%answer/2'", "different", "contract_price")]
    [InlineData("UPDATE accuracy SET answer_age_ms = 5 WHERE id LIKE '%answer/2'", "different", "answer_age_ms")]
    [InlineData("UPDATE accuracy SET window_start = window_start - interval '1 ms' WHERE id LIKE '%answer/2'", "different", "window_start")]
    [InlineData("UPDATE accuracy SET sources = jsonb_set(sources, '{kraken,quotes}', '2') WHERE id LIKE '%window%60000'", "different", "sources")]
    [InlineData("UPDATE accuracy SET chain_id = 2 WHERE id LIKE '%answer/2'", "different", "chain_id")]
    [InlineData("DELETE FROM accuracy WHERE id LIKE '%answer/2'", "missing", null)]
    [InlineData("UPDATE accuracy SET status = 'retracted' WHERE id LIKE '%answer/2'", "retracted", null)]
    [InlineData("INSERT INTO accuracy SELECT at, 'eth-usd/answer/9', pair, feed, chain_id, trigger, revision, status FROM accuracy WHERE id LIKE '%answer/2'; UPDATE accuracy SET round_id = 2 WHERE id LIKE '%answer/9'", "unexpected", null)]
    [InlineData("UPDATE api_price SET price = price + 0.01 WHERE source = 'kraken'", "different", "average")]
    [InlineData("DELETE FROM contract_price WHERE round_id = 2", "unexpected", null)]
    [InlineData("UPDATE contract_price SET removed = true WHERE round_id = 2", "unexpected", null)]
    public async Task Difference_is_found_with_its_kind(string seeding, string kind, string? field)
    {
        await database.StoreAsync(Inputs, Judge(Options, Inputs), new Random(1));
        Verifier verifier = new(database.ConnectionString, Options, TimeProvider.System);
        Assert.Empty((await verifier.VerifyAsync(new VerifyRange(), Cancelled)).Differences);

        await database.ExecuteAsync(seeding);

        IReadOnlyList<Difference> found = (await verifier.VerifyAsync(new VerifyRange(), Cancelled)).Differences;
        Difference difference = found.First(difference => difference.Kind == kind);
        if (field is not null)
            Assert.NotEqual(difference.Expected[field], difference.Stored[field]);
        Assert.NotEmpty(await verifier.InputsAsync(found[0], Cancelled));
    }

    [Fact]
    public async Task Ties_are_rounded_to_even_as_the_topology_does()
    {
        object[] inputs = [Quote(30, 100), Answer(70, 100.0000005m), Answer(71, 100.0000015m, "2"), Answer(72, 100.0000025m, "3"), Answer(73, 99.9999985m, "4"), Quote(171, 100)];
        List<Accuracy> records = Judge(Options, inputs);
        Assert.Equal([0m, 0.000002m, 0.000002m, -0.000002m], records.Where(record => record.Trigger == AccuracyTrigger.Answer).Select(record => record.DeviationPct!.Value));
        await database.StoreAsync(inputs, records, new Random(1));

        Assert.Empty((await new Verifier(database.ConnectionString, Options, TimeProvider.System).VerifyAsync(new VerifyRange(), Cancelled)).Differences);
    }

    [Fact]
    public async Task Answer_that_came_too_late_to_revise_leaves_what_stands()
    {
        AccuracyOptions options = Options with { ReviseWithin = TimeSpan.FromMinutes(5) };
        object[] inputs = [Answer(0, 100), Quote(30, 100), Quote(71, 100), Quote(600, 100), Answer(20, 101, "2", observedAfter: 580)];
        await database.StoreAsync(inputs, Judge(options, inputs), new Random(1));

        Verifier verifier = new(database.ConnectionString, options, TimeProvider.System);
        Assert.Equal([(WindowId(60), true)], (await verifier.VerifyAsync(new VerifyRange(To: DateTime.UnixEpoch.AddMilliseconds(At(100))), Cancelled)).Differences.Select(found => (found.Id, found.IsLate)));

        await database.ExecuteAsync("UPDATE accuracy SET contract_price = 101.5");
        Assert.False(Assert.Single((await verifier.VerifyAsync(new VerifyRange(To: DateTime.UnixEpoch.AddMilliseconds(At(100))), Cancelled)).Differences).IsLate);
    }

    [Fact]
    public async Task Quote_that_the_topology_refused_is_not_averaged()
    {
        object[] inputs = [Answer(0, 100), Quote(30, 100), Quote(31, 500), Quote(131, 100)];
        await database.StoreAsync(inputs, Judge(Options, [inputs[0], inputs[1], inputs[3]]), new Random(1));
        await database.ExecuteAsync("INSERT INTO dead_letter VALUES ('dead-letters-0-0', now(), 'topology', 'future-time', '', 'apis-0-1')");

        Assert.Empty((await new Verifier(database.ConnectionString, Options, TimeProvider.System).VerifyAsync(new VerifyRange(), Cancelled)).Differences);
    }

    [Fact]
    public async Task Command_prints_what_differs_with_its_inputs_and_fails()
    {
        object[] inputs = [Answer(0, 100), Quote(30, 100), Quote(71, 100), Quote(72, 100)];
        await database.StoreAsync(inputs, Judge(Options, inputs), new Random(1));
        NpgsqlConnectionStringBuilder settings = new(database.ConnectionString);
        string[] arguments = ["verify", "--set", $"database.host={settings.Host}", "--set", $"database.port={settings.Port}", "--feed", Feed, "--from", "2023-08-17"];
        Dictionary<string, string?> environment = new() { ["DB_USER"] = settings.Username, ["DB_PASSWORD"] = settings.Password, ["DB_NAME"] = settings.Database };

        (int exitCode, IReadOnlyCollection<string> output, string error) = await AssayProcess.RunAsync(arguments, environment);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(["1 window records and 0 answer records recomputed: no difference.", "1 window records left out: stream time has not closed their windows."], output);

        await database.ExecuteAsync("UPDATE accuracy SET average = 99");
        (exitCode, output, _) = await AssayProcess.RunAsync(arguments, environment);
        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                $"{WindowId(60)} at 2023-08-17 21:41:00+00: different",
                "    average: 99 in the table, 100 from the inputs",
                "    answer 1: 100 at 2023-08-17 21:40:00+00, block 1000 0x1 log 0, observed 2023-08-17 21:40:01+00",
                "    quote of coingecko: 100 at 2023-08-17 21:40:30+00, apis-0-0",
                "1 window records and 0 answer records recomputed: 1 different.",
            ],
            output.SkipLast(1));
    }

    private static string Shown(IReadOnlyDictionary<string, string?> fields) => string.Join(", ", fields.Select(field => $"{field.Key} {field.Value ?? "nothing"}"));

    private static List<Accuracy> Judge(AccuracyOptions options, IEnumerable<object> inputs)
    {
        List<Accuracy> records = [];
        AccuracyReplay rules = new(options, TimeProvider.System, records.Add);
        foreach (object input in inputs)
            Assert.Null(input is Quote quote ? rules.Take(quote) : rules.Take((ContractAnswer)input));
        return records;
    }
}
