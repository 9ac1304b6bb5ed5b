using Assay.Schemas;
using Assay.Sink.Internal;
using Confluent.Kafka;

namespace Assay.Sink.Tests;

public sealed class DatabaseWriterTests(DatabaseServer server)
{
    private static readonly TopicPartition Contracts = new(Topics.Contracts, 0);
    private static readonly TopicPartition Apis = new(Topics.Apis, 1);
    private static readonly TopicPartition Verdicts = new(Topics.Accuracy, 2);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_and_offsets_are_stored_together()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Contracts, Apis], Cancelled);

        await writer.WriteAsync([Entry(Contracts, 0, Make.Log(1)), Entry(Apis, 0, Make.Quote(1)), Entry(Contracts, 1, Make.Log(2))], claims, Cancelled);

        Assert.Equal(["apis|1|1|1|me", "contracts|0|2|1|me"], await database.RowsAsync("SELECT * FROM sink_offset ORDER BY 1, 2"));
        Assert.Equal(2, await database.AskAsync<long>("SELECT count(*) FROM contract_price"));
        Assert.Equal(1, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
    }

    [Fact]
    public async Task Zombie_is_refused_and_leaves_nothing()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter zombie = new(database.ConnectionString, "zombie");
        await using DatabaseWriter heir = new(database.ConnectionString, "heir");
        Dictionary<TopicPartition, Claim> before = await zombie.ClaimAsync([Apis], Cancelled);
        await zombie.WriteAsync([Entry(Apis, 0, Make.Quote(1))], before, Cancelled);

        Dictionary<TopicPartition, Claim> after = await heir.ClaimAsync([Apis], Cancelled);

        await Assert.ThrowsAsync<FencedException>(() => zombie.WriteAsync([Entry(Apis, 1, Make.Quote(2))], before, Cancelled));
        Assert.Equal(1, after[Apis].Next);
        await heir.WriteAsync([Entry(Apis, 1, Make.Quote(2))], after, Cancelled);
        Assert.Equal(2, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
    }

    [Fact]
    public async Task Batch_whose_commit_was_not_answered_is_not_stored_twice()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Apis], Cancelled);
        Entry[] batch = [Entry(Apis, 0, Make.Quote(1)), Entry(Apis, 1, Make.Quote(2))];
        await writer.WriteAsync(batch, claims, Cancelled);
        // As if the answer to the commit had been lost: the claim still stands before the batch.
        claims[Apis].Next = 0;

        await writer.WriteAsync(batch, claims, Cancelled);

        Assert.Equal(2, claims[Apis].Next);
        Assert.Equal(2, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
    }

    [Fact]
    public async Task Quotes_that_are_there_already_stay_single_and_the_new_ones_of_their_batch_are_stored()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Entry[] quotes = [.. Enumerable.Range(0, 3).Select(number => Entry(Apis, number, Make.Quote(number)))];
        await writer.WriteAsync(quotes[..2], await writer.ClaimAsync([Apis], Cancelled), Cancelled);
        // As after a restore of this table alone.
        await database.RunAsync("UPDATE sink_offset SET next_offset = 0");

        await writer.WriteAsync(quotes, await writer.ClaimAsync([Apis], Cancelled), Cancelled);

        Assert.Equal(["0", "1", "2"], await database.RowsAsync("SELECT kafka_offset FROM api_price ORDER BY 1"));
    }

    [Fact]
    public async Task Refused_value_stores_nothing_of_its_batch_and_the_connection_goes_on()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Apis], Cancelled);

        RefusedException refusal = await Assert.ThrowsAsync<RefusedException>(
            () => writer.WriteAsync([Entry(Apis, 0, Make.Quote(1)), Entry(Apis, 1, Make.Quote(2, @event: "{\"a\":\"\\u0000\"}"))], claims, Cancelled));

        Assert.StartsWith("The database refuses the row: ", refusal.Message);
        Assert.Equal(0, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
        Assert.Equal(0, claims[Apis].Next);
        await writer.WriteAsync([Entry(Apis, 0, Make.Quote(1))], claims, Cancelled);
        Assert.Equal(1, await database.AskAsync<long>("SELECT count(*) FROM api_price"));
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("no json")]
    [InlineData("{\"a\":1e999999}")]
    [InlineData("")]
    public async Task Response_that_jsonb_does_not_hold_is_refused(string response)
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Apis], Cancelled);

        await Assert.ThrowsAsync<RefusedException>(() => writer.WriteAsync([Entry(Apis, 0, Make.Quote(1, @event: response))], claims, Cancelled));
    }

    [Theory]
    [InlineData("12.5", "110680464442257314301")]
    [InlineData("x", "110680464442257314301")]
    [InlineData("1", "-1")]
    public async Task Number_that_is_none_is_refused(string answer, string round)
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([Contracts], Cancelled);

        await Assert.ThrowsAsync<RefusedException>(
            () => writer.WriteAsync([Entry(Contracts, 0, Make.Log(1) with { Answer = answer, RoundId = round })], claims, Cancelled));
    }

    [Fact]
    public async Task Dead_letter_with_any_text_and_bytes_is_stored()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        TopicPartition letters = new(Topics.DeadLetters, 0);
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([letters], Cancelled);
        DeadLetter letter = new(null, [0, 1, 255], "apis", "bad\0reason", "it is\0bad", "coingecko https://api", Make.Start);

        await writer.WriteAsync([Entry(letters, 0, letter), Entry(letters, 1, letter)], claims, Cancelled);

        Assert.Equal(
            ["dead-letters-0-0|2023-08-17 21:45:00+00|apis|bad�reason|it is�bad|coingecko https://api|∅|\\x0001ff",
                "dead-letters-0-1|2023-08-17 21:45:00+00|apis|bad�reason|it is�bad|coingecko https://api|∅|\\x0001ff"],
            await database.RowsAsync("SELECT * FROM dead_letter ORDER BY id"));
    }

    [Fact]
    public async Task Dead_letter_that_the_sink_sent_twice_is_one_row()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        TopicPartition letters = new(Topics.DeadLetters, 0);
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([letters], Cancelled);
        DeadLetter letter = new(null, [1], "sink", "undecodable", "why", "contracts-0-5", Make.Start);

        await writer.WriteAsync([Entry(letters, 0, letter)], claims, Cancelled);
        await writer.WriteAsync([Entry(letters, 1, letter with { RejectedAt = Make.Start.AddSeconds(9) })], claims, Cancelled);

        Assert.Equal(["contracts-0-5|2023-08-17 21:45:00+00"], await database.RowsAsync("SELECT id, rejected_at FROM dead_letter"));
    }

    [Fact]
    public async Task Log_has_the_original_demos_event_and_typed_columns()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        await StoreAsync(database, Contracts, Make.Log(300));

        Assert.Equal(
            """{"args": {"current": 168312000000, "roundId": 300, "updatedAt": 1692312300}, "event": "AnswerUpdated", "address": "0xe62b71cf983019bff55bc83b48601ce8419650cc", """ +
            $"\"logIndex\": 7, \"blockHash\": \"0x{300:x64}\", \"event_type\": \"eth-usd\", \"blockNumber\": 17000300, " +
            $"\"transactionHash\": \"0x{1_000_300:x64}\", \"transactionIndex\": 3}}",
            await database.AskAsync<string>("SELECT event::text FROM contract_price"));
        Assert.Equal(
            ["2023-08-17 22:45:00+00|ETH-USD|eth-usd|1|110680464442257309996|168312000000|8|1683.12|17000300|f|2023-08-17 22:45:01+00"],
            await database.RowsAsync("SELECT updated_at, pair, feed, chain_id, round_id, answer, decimals, price, block_number, removed, observed_at FROM contract_price"));
    }

    [Fact]
    public async Task Answer_of_any_int256_is_stored_exactly()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();
        string largest = ((System.Numerics.BigInteger.One << 255) - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

        await StoreAsync(database, Contracts, Make.Log(1, answer: largest), Make.Log(2, answer: "-" + largest));

        Assert.Equal([$"{largest}|{largest}", $"-{largest}|-{largest}"],
            await database.RowsAsync("SELECT answer, event -> 'args' ->> 'current' FROM contract_price ORDER BY updated_at"));
    }

    [Theory]
    [InlineData("{}", """{"event_type": "cg"}""")]
    [InlineData(" { \"a\" : 1 } ", """{"a": 1, "event_type": "cg"}""")]
    [InlineData("""{"event_type":"theirs"}""", """{"event_type": "cg"}""")]
    [InlineData("[1,2]", """{"response": [1, 2], "event_type": "cg"}""")]
    [InlineData("7", """{"response": 7, "event_type": "cg"}""")]
    public async Task Response_stands_in_event_with_its_type(string response, string expected)
    {
        await using TestDatabase database = await server.CreateMigratedAsync();

        await StoreAsync(database, Apis, Make.Quote(1, @event: response));

        Assert.Equal(expected, await database.AskAsync<string>("SELECT event::text FROM api_price"));
    }

    [Fact]
    public async Task Verdict_stands_in_a_column_for_each_field()
    {
        await using TestDatabase database = await server.CreateMigratedAsync();

        await StoreAsync(database, Verdicts, Make.Window(0), Make.Window(1, status: AccuracyStatus.Retracted));

        Assert.Equal(
            [
                "2023-08-17 21:45:00+00|eth-usd/window/1692308700000|ETH-USD|eth-usd|1|window|0|ok|1683.12|110680464442257314301|2023-08-17 21:41:11+00|229000|1680.5|" +
                "2023-08-17 21:44:00+00|2023-08-17 21:45:00+00|{\"coingecko\": {\"price\": 1680.1, \"age_ms\": 61000, \"quotes\": 6}}|0|0.155906",
                "2023-08-17 21:46:00+00|eth-usd/window/1692308760000|ETH-USD|eth-usd|1|window|0|retracted|∅|∅|∅|∅|∅|∅|∅|∅|∅|∅",
            ],
            await database.RowsAsync("SELECT * FROM accuracy ORDER BY at"));
    }

    private static Entry Entry(TopicPartition partition, long offset, object row) => new(partition, offset, row, null, null);

    private static async Task StoreAsync(TestDatabase database, TopicPartition partition, params object[] rows)
    {
        await using DatabaseWriter writer = new(database.ConnectionString, "me");
        Dictionary<TopicPartition, Claim> claims = await writer.ClaimAsync([partition], Cancelled);
        await writer.WriteAsync([.. rows.Select((row, offset) => Entry(partition, offset, row))], claims, Cancelled);
    }
}
