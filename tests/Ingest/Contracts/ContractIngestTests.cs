using System.Diagnostics;
using System.Numerics;
using System.Text.Json.Nodes;
using Assay.Demo.Chain;
using Assay.Ethereum;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Ingest.Tests.Contracts;

public sealed class ContractIngestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_arrives_with_everything_the_chain_says_of_it()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 1683.12m, Cancellation);
        await harness.AssertEachLogOnceAsync();

        ConsumeResult<string, ContractPrice> record = Assert.Single(await harness.ReadContractsAsync());
        LogEntry log = Assert.Single(await harness.LogsAsync());
        ContractPrice price = record.Message.Value;
        FeedOptions feed = harness.Feeds.Single(feed => feed.Pair == "ETH-USD");
        Assert.Equal("ETH-USD", record.Message.Key);
        Assert.Equal(price.UpdatedAt, record.Message.Timestamp.UtcDateTime);
        Assert.Equal(
            new ContractPrice
            {
                Pair = "ETH-USD",
                Feed = "eth-usd",
                ChainId = AnvilOptions.ChainId,
                Proxy = feed.Proxy,
                Aggregator = log.Address,
                RoundId = ((BigInteger.One << 64) + 1).ToString(),
                Answer = "168312000000",
                Decimals = 8,
                Price = 1683.12m,
                UpdatedAt = DateTimeOffset.FromUnixTimeSeconds((long)AnswerUpdated.Decode(log).UpdatedAt).UtcDateTime,
                BlockNumber = log.BlockNumber,
                BlockHash = log.BlockHash,
                TransactionHash = log.TransactionHash,
                TransactionIndex = log.TransactionIndex,
                LogIndex = log.LogIndex,
                Removed = false,
                ObservedAt = price.ObservedAt,
            },
            price);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_log_is_written_once_across_restarts(bool webSocket)
    {
        await using Harness harness = await Harness.StartAsync();
        decimal price = 0;
        for (int round = 0; round < 3; round++)
        {
            // Some while nobody listens, some while somebody does.
            await SubmitAllAsync(harness, ++price);
            Harness.Running ingest = harness.Run(harness.ChainOptions(webSocket, maxBlockRange: 3));
            await SubmitAllAsync(harness, ++price);
            await harness.AssertEachLogOnceAsync();
            await ingest.StopAsync();
        }
        Assert.Equal(18, (await harness.ReadContractsAsync()).Count);
    }

    [Fact]
    public async Task Feed_that_was_idle_for_long_goes_on_where_it_ended_while_others_do_not_repeat()
    {
        await using Harness harness = await Harness.StartAsync();
        Harness.Running ingest = harness.Run();
        await harness.Chain.SubmitAsync("LINK-USD", 7m, Cancellation);
        for (int price = 1; price <= 80; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);
        await harness.AssertEachLogOnceAsync();
        await ingest.StopAsync();

        await harness.Client.SendAsync("anvil_mine", ["0x12c"], Cancellation);
        await harness.Chain.SubmitAsync("LINK-USD", 8m, Cancellation);
        // A first start would begin behind all of this.
        harness.Run(harness.ChainOptions(startBlocksBack: 0));

        await harness.AssertEachLogOnceAsync();
    }

    [Fact]
    public async Task First_start_begins_the_given_number_of_blocks_before_the_head()
    {
        await using Harness harness = await Harness.StartAsync();
        for (int price = 1; price <= 100; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);
        long head = await harness.Client.GetBlockNumberAsync(Cancellation);

        harness.Run(harness.ChainOptions(startBlocksBack: 5));
        await Eventually.True(() => harness.Log.Lines.Count(line => line.Id == 500) == 3, "all feeds are followed");
        await harness.Chain.SubmitAsync("ETH-USD", 101m, Cancellation);

        await Eventually.True(async () => (await harness.ReadContractsAsync()).Any(record => record.Message.Value.Price == 101m), "the newest answer is written");
        long first = (await harness.ReadContractsAsync()).Min(record => record.Message.Value.BlockNumber);
        Assert.Equal(head - 5, first);
    }

    [Fact]
    public async Task Reorganisation_takes_back_what_vanished_and_brings_what_is_new()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        for (int price = 1; price <= 5; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);
        await harness.AssertEachLogOnceAsync();

        await harness.Client.SendAsync("anvil_reorg", [2, new JsonArray()], Cancellation);
        await harness.Chain.SubmitAsync("ETH-USD", 40m, Cancellation);

        await Eventually.True(async () => (await harness.ReadContractsAsync()).Count == 8, "two logs are taken back and one is new");
        List<ContractPrice> records = [.. (await harness.ReadContractsAsync()).Select(record => record.Message.Value)];
        Assert.Equal([4m, 5m], records.Where(record => record.Removed).Select(record => record.Price));
        Assert.Equal(5, records.FindIndex(record => record.Removed));
        Assert.All(records.Where(record => record.Removed), removed => Assert.Contains(removed with { Removed = false, ObservedAt = default }, records.Select(record => record with { ObservedAt = default })));
        await AssertStandingAsync(harness);
    }

    [Fact]
    public async Task Reorganisation_while_nobody_listens_is_found_at_the_next_start()
    {
        await using Harness harness = await Harness.StartAsync();
        Harness.Running ingest = harness.Run();
        for (int price = 1; price <= 5; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);
        await harness.AssertEachLogOnceAsync();
        await ingest.StopAsync();

        await harness.Client.SendAsync("anvil_reorg", [3, new JsonArray()], Cancellation);
        harness.Run();

        await Eventually.True(async () => (await harness.ReadContractsAsync()).Count(record => record.Message.Value.Removed) == 3, "three logs are taken back");
        await AssertStandingAsync(harness);
    }

    [Fact]
    public async Task Chain_that_was_rolled_back_and_grew_again_ends_with_its_own_logs()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        for (int price = 1; price <= 5; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);
        await harness.AssertEachLogOnceAsync();

        await harness.Client.SendAsync("anvil_rollback", [3], Cancellation);
        for (int price = 11; price <= 14; price++)
            await harness.Chain.SubmitAsync("ETH-USD", price, Cancellation);

        await Eventually.True(async () => (await harness.ReadContractsAsync()).Count(record => record.Message.Value.Removed) == 3, "three logs are taken back");
        await AssertStandingAsync(harness);
    }

    [Fact]
    public async Task Feed_that_moves_to_a_new_aggregator_goes_on_in_its_next_phase()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 1m, Cancellation);
        await harness.AssertEachLogOnceAsync();

        await harness.Chain.MoveAsync("ETH-USD", Cancellation);
        await harness.Chain.SubmitAsync("ETH-USD", 2m, Cancellation);
        await harness.AssertEachLogOnceAsync();
        await harness.Chain.SubmitAsync("ETH-USD", 3m, Cancellation);
        await harness.AssertEachLogOnceAsync();

        Assert.Equal(
            [(BigInteger.One << 64) + 1, (new BigInteger(2) << 64) + 1, (new BigInteger(2) << 64) + 2],
            (await harness.ReadContractsAsync()).Select(record => BigInteger.Parse(record.Message.Value.RoundId)));
    }

    [Fact]
    public async Task Feed_that_moved_twice_while_nobody_listened_is_complete()
    {
        await using Harness harness = await Harness.StartAsync();
        Harness.Running ingest = harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 1m, Cancellation);
        await harness.AssertEachLogOnceAsync();
        await ingest.StopAsync();

        for (int move = 0; move < 2; move++)
        {
            await harness.Chain.SubmitAsync("ETH-USD", 2m, Cancellation);
            await harness.Chain.MoveAsync("ETH-USD", Cancellation);
            await harness.Chain.SubmitAsync("ETH-USD", 3m, Cancellation);
        }
        harness.Run();

        await harness.AssertEachLogOnceAsync();
        Assert.Equal([1, 1, 2, 2, 3], (await harness.ReadContractsAsync()).Select(record => (int)(BigInteger.Parse(record.Message.Value.RoundId) >> 64)));
    }

    [Fact]
    public async Task Bad_answer_goes_to_the_dead_letters_once_across_restarts()
    {
        await using Harness harness = await Harness.StartAsync();
        Harness.Running ingest = harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 0m, Cancellation);
        await harness.Chain.SubmitAsync("ETH-USD", -3m, Cancellation);
        await Eventually.True(() => harness.ReadDeadLetters().Count == 2, "both are rejected");
        await ingest.StopAsync();
        harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 5m, Cancellation);
        await Eventually.True(async () => (await harness.ReadContractsAsync()).Count == 1, "the good one arrives");

        List<DeadLetter> letters = harness.ReadDeadLetters();
        Assert.Equal(2, letters.Count);
        LogEntry first = (await harness.LogsAsync())[0];
        Assert.Equal(("contracts", RejectionReason.BadAnswer, "The answer 0 is not positive."), (letters[0].Stage, letters[0].Reason, letters[0].Detail));
        Assert.Equal($"chain 31337 feed eth-usd block {first.BlockNumber} log 0", letters[0].Origin);
        Assert.Equal(first.BlockHash, JsonNode.Parse(letters[0].Value)!["blockHash"]!.GetValue<string>());
    }

    [Fact]
    public async Task Second_instance_shuts_the_first_one_out_and_nothing_is_doubled()
    {
        await using Harness harness = await Harness.StartAsync();
        Harness.Running first = harness.Run();
        await harness.Chain.SubmitAsync("ETH-USD", 1m, Cancellation);
        await harness.AssertEachLogOnceAsync();

        harness.Run();
        // The first one learns of it by its next answer.
        await Eventually.True(async () =>
        {
            await SubmitAllAsync(harness, 2m);
            return first.Ended.IsCompleted;
        }, "the first instance ends");

        UserException shutOut = await Assert.ThrowsAsync<UserException>(() => first.Ended);
        Assert.Contains("Another process has begun to write the answers of chain demo", shutOut.Message, StringComparison.Ordinal);
        await harness.AssertEachLogOnceAsync();
    }

    [Fact]
    public async Task Node_that_is_killed_and_comes_back_is_followed_on_and_its_outage_is_said_once()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        await SubmitAllAsync(harness, 1m);
        await harness.AssertEachLogOnceAsync();
        await harness.Anvil.SaveAsync(Cancellation);
        int killed = harness.Anvil.ProcessId;

        using (Process anvil = Process.GetProcessById(killed))
            anvil.Kill();
        await Eventually.True(() => harness.Anvil.ProcessId != killed, "the node runs again");
        await Eventually.True(async () =>
        {
            try
            {
                await SubmitAllAsync(harness, 2m);
                return true;
            }
            catch (EthereumException)
            {
                return false;
            }
        }, "prices can be submitted again");

        await harness.AssertEachLogOnceAsync(TimeSpan.FromSeconds(60));
        Assert.All(harness.Log.Lines.GroupBy(line => line.Text), same => Assert.Single(same));
    }

    [Fact]
    public async Task Kafka_that_goes_and_comes_back_misses_and_doubles_nothing_and_its_outage_is_said_once()
    {
        await using Harness harness = await Harness.StartAsync();
        harness.Run();
        await SubmitAllAsync(harness, 1m);
        await harness.AssertEachLogOnceAsync();

        Func<Task> start = await harness.StopBrokerAsync();
        await SubmitAllAsync(harness, 2m);
        await Eventually.True(() => harness.Log.Lines.Any(line => line.Id == 506), "the outage is said");
        await SubmitAllAsync(harness, 3m);
        await start();

        await harness.AssertEachLogOnceAsync(TimeSpan.FromSeconds(60));
        Assert.Single(harness.Log.Lines, line => line.Id == 506);
        Assert.Single(harness.Log.Lines, line => line.Id == 507);
    }

    [Fact]
    public async Task Role_stops_within_seconds_while_kafka_does_not_answer()
    {
        await using Harness harness = await Harness.StartAsync();
        ContractIngest ingest = new(
            [harness.ChainOptions()], harness.Feeds, harness.Kafka with { Bootstrap = $"127.0.0.1:{FreePort.Next()}" }, harness.Log, TimeProvider.System);
        using CancellationTokenSource stopping = new();
        Task running = ingest.RunAsync(stopping.Token);
        await Eventually.True(() => harness.Log.Lines.Any(line => line.Id == 506), "the outage is said");

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(3), Cancellation));
    }

    private static async Task SubmitAllAsync(Harness harness, decimal price)
    {
        foreach (FeedOptions feed in harness.Feeds)
            await harness.Chain.SubmitAsync(feed.Pair, price, Cancellation);
    }

    /// <summary>What remains when each removed record takes one back is what the chain has.</summary>
    private static async Task AssertStandingAsync(Harness harness)
    {
        Dictionary<string, bool> standing = [];
        foreach (ContractPrice price in (await harness.ReadContractsAsync()).Select(record => record.Message.Value))
        {
            string name = $"{price.BlockHash}/{price.LogIndex}";
            // Never the same twice in a row.
            Assert.NotEqual(!price.Removed, standing.GetValueOrDefault(name));
            standing[name] = !price.Removed;
        }
        Assert.Equal(
            (await harness.LogsAsync()).Select(log => $"{log.BlockHash}/{log.LogIndex}").Order(StringComparer.Ordinal),
            standing.Where(log => log.Value).Select(log => log.Key).Order(StringComparer.Ordinal));
    }
}
