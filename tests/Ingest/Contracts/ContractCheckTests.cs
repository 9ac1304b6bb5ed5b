using Assay.Demo.Chain;
using Assay.Ingest.Contracts;
using Assay.Schemas;

namespace Assay.Ingest.Tests.Contracts;

/// <summary>What a person is told of a configuration.</summary>
public sealed class ContractCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_feed_is_resolved_with_all_its_contracts_say()
    {
        await using Harness harness = await Harness.StartAsync();
        await harness.Chain.SubmitAsync("ETH-USD", 1683.12m, Cancellation);

        FeedResolution[] resolutions = [.. await Ingest(harness, harness.Feeds).ResolveAsync(Cancellation)];

        Assert.All(resolutions, resolution => Assert.Null(resolution.Problem));
        FeedResolution eth = resolutions.Single(resolution => resolution.Feed == "eth-usd");
        Assert.Equal(("ETH / USD", 8, 1), (eth.Description, eth.Decimals, eth.PhaseId));
        Assert.Equal(168_312_000_000, eth.LatestAnswer);
        Assert.Null(resolutions.Single(resolution => resolution.Feed == "btc-usd").LatestRound);
    }

    [Fact]
    public async Task Each_mistake_is_said_with_its_mend_and_hides_no_other()
    {
        await using Harness harness = await Harness.StartAsync();
        FeedOptions good = harness.Feeds.Single(feed => feed.Pair == "ETH-USD");
        string aggregator = (await Ingest(harness, [good]).ResolveAsync(Cancellation)).Single().Aggregator!;

        FeedResolution[] resolutions =
        [
            .. await Ingest(
                harness,
                [
                    good with { Name = "nothing", Proxy = "0x" + new string('9', 40) },
                    good with { Name = "wrong-pair", Pair = "BTC-USD" },
                    good with { Name = "no-proxy", Proxy = aggregator },
                    good with { Name = "direct", Proxy = null, Aggregator = aggregator },
                ]).ResolveAsync(Cancellation),
        ];

        Assert.Equal($"Feed nothing: there is no contract at 0x{new string('9', 40)} on chain demo (id 31337); correct the feed's address or its chain.", resolutions[0].Problem);
        Assert.Equal($"Feed wrong-pair: the contract at {good.Proxy} on chain demo is 'ETH / USD', not BTC-USD; correct the feed's address or its pair.", resolutions[1].Problem);
        Assert.Contains("has no usable aggregator(), so it is not a price feed's proxy", resolutions[2].Problem, StringComparison.Ordinal);
        Assert.Null(resolutions[3].Problem);
    }

    [Fact]
    public async Task Endpoints_of_another_chain_end_the_role_with_a_sentence()
    {
        await using Harness harness = await Harness.StartAsync();

        Harness.Running running = harness.Run(harness.ChainOptions() with { ChainId = 1 });

        UserException failure = await Assert.ThrowsAsync<UserException>(() => running.Ended.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.Contains("No endpoint of chain demo serves chain id 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("it serves chain 31337, not 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_without_a_contract_ends_the_role_with_a_sentence()
    {
        await using Harness harness = await Harness.StartAsync();

        Harness.Running running = harness.Run(feeds: [harness.Feeds[0] with { Proxy = "0x" + new string('9', 40) }]);

        UserException failure = await Assert.ThrowsAsync<UserException>(() => running.Ended.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.Contains("there is no contract at", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("elsewhere", "0x5f4eC3Df9cbd43714FE2740F5E3616155C5b8419", null, "is on chain 'elsewhere', which is not configured")]
    [InlineData("demo", null, null, "exactly one of 'proxy' and 'aggregator'")]
    [InlineData("demo", "0x5f4eC3Df9cbd43714FE2740F5E3616155C5b8419", "0x5f4eC3Df9cbd43714FE2740F5E3616155C5b8419", "exactly one of 'proxy' and 'aggregator'")]
    [InlineData("demo", "eth-usd.data.eth", null, "'eth-usd.data.eth' is no address")]
    public void Feed_that_makes_no_sense_is_refused(string chain, string? proxy, string? aggregator, string expected)
    {
        FeedOptions feed = new()
        {
            Name = "eth-usd", Pair = "ETH-USD", Chain = chain, Proxy = proxy, Aggregator = aggregator, Heartbeat = TimeSpan.FromHours(1), DeviationThreshold = 0.5m,
        };
        ChainOptions known = new() { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [new Uri("http://127.0.0.1:1")] };

        UserException failure = Assert.Throws<UserException>(() => new ContractIngest(
            [known], [feed], new KafkaConnection { Bootstrap = "127.0.0.1:1", Registry = new Uri("http://127.0.0.1:1") }, new RecordingLog(), TimeProvider.System));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static ContractIngest Ingest(Harness harness, IReadOnlyList<FeedOptions> feeds) =>
        new([harness.ChainOptions()], feeds, harness.Kafka, harness.Log, TimeProvider.System);
}
