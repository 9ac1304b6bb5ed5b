using Assay.Ethereum;
using Assay.Ingest.Contracts;
using Assay.Ingest.Contracts.Internal;
using Assay.Schemas;

namespace Assay.Ingest.Tests.Contracts;

/// <summary>What is to be written, given what the topic has and what the chain says.</summary>
public sealed class FeedFollowerTests
{
    private static readonly FeedOptions Feed = new()
    {
        Name = "eth-usd",
        Pair = "ETH-USD",
        Chain = "test",
        Aggregator = "0x" + new string('1', 40),
        Heartbeat = TimeSpan.FromHours(1),
        DeviationThreshold = 0.5m,
    };

    private readonly LogLedger _ledger = new();
    private readonly FeedFollower _follower;

    public FeedFollowerTests()
    {
        _follower = new FeedFollower(Feed, new AnswerReader(Feed, 1, TimeProvider.System), null!, _ledger);
        _follower.Start(0, 0, [new AggregatorPhase(Feed.Aggregator!, null, 8, 0, long.MaxValue)], 100);
    }

    [Fact]
    public void New_log_is_written_once()
    {
        LogEntry log = AnswerReaderTests.Log(current: 5, round: 1);
        Assert.Single(Written(log).Prices);
        Assert.True(Compare(log).IsEmpty);
    }

    [Fact]
    public void Log_that_a_node_sends_twice_in_one_answer_is_written_once()
    {
        LogEntry log = AnswerReaderTests.Log(current: 5, round: 1);
        Assert.Single(Compare(log, log).Prices);
    }

    [Fact]
    public void Log_outside_of_what_was_asked_for_is_left_out() =>
        Assert.True(Compare(AnswerReaderTests.Log(current: 5, round: 1, block: 101)).IsEmpty);

    [Fact]
    public void Log_older_than_what_is_known_of_the_topic_is_left_out()
    {
        _follower.Start(8, 20, [new AggregatorPhase(Feed.Aggregator!, null, 8, 0, long.MaxValue)], 100);
        Assert.True(Compare(AnswerReaderTests.Log(current: 5, round: 1, block: 7)).IsEmpty);
        Assert.False(Compare(AnswerReaderTests.Log(current: 5, round: 1, block: 8)).IsEmpty);
    }

    [Fact]
    public void Log_that_was_forgotten_is_not_written_again()
    {
        LogEntry log = AnswerReaderTests.Log(current: 5, round: 1, block: 7);
        Written(log);
        _follower.PhaseUnchanged(1_000);
        _follower.Done(200, 64);
        Assert.True(Compare(log).IsEmpty);
    }

    [Fact]
    public void Rejected_log_is_rejected_once()
    {
        LogEntry log = AnswerReaderTests.Log(current: -5, round: 1);
        Assert.Single(Written(log).Rejected);
        Assert.True(Compare(log).IsEmpty);
    }

    [Fact]
    public void Log_that_came_went_and_came_again_is_written_each_time()
    {
        LogEntry log = AnswerReaderTests.Log(current: 5, round: 1);
        ContractPrice price = Assert.Single(Written(log).Prices);

        Assert.Equal([price], _follower.Missing(Range(), 100));
        _ledger.Add(_follower.TakeBack(price));
        Assert.Empty(_follower.Missing(Range(), 100));

        Assert.False(Assert.Single(Written(log).Prices).Removed);
        Assert.True(Compare(log).IsEmpty);
    }

    [Fact]
    public void Log_of_the_same_round_in_another_block_is_another_log()
    {
        Written(AnswerReaderTests.Log(current: 5, round: 1, hash: "22"));
        LogEntry again = AnswerReaderTests.Log(current: 5, round: 1, hash: "44");
        Assert.Single(Compare(again).Prices);
        Assert.Single(_follower.Missing(Range(again), 100));
    }

    [Fact]
    public void Log_of_an_aggregator_outside_its_phase_is_left_out()
    {
        _follower.Start(0, 0, [new AggregatorPhase(Feed.Aggregator!, null, 8, 0, 6)], 100);
        Assert.True(Compare(AnswerReaderTests.Log(current: 5, round: 1, block: 7)).IsEmpty);
        Assert.False(Compare(AnswerReaderTests.Log(current: 5, round: 1, block: 6)).IsEmpty);
    }

    [Fact]
    public void Move_reads_the_blocks_again_since_the_proxy_was_looked_at()
    {
        _follower.Done(200, 64);
        _follower.Move([new AggregatorPhase(Feed.Aggregator!, 1, 8, 100, 150), new AggregatorPhase("0x" + new string('9', 40), 2, 8, 150, long.MaxValue)], 200);
        Assert.Equal(100, _follower.Next);
        Assert.Equal([Feed.Aggregator!, "0x" + new string('9', 40)], _follower.Aggregators);
        Assert.Equal(2, _follower.Phase);
    }

    [Fact]
    public void Aggregator_of_an_old_phase_is_let_go_once_no_reorganisation_reaches_it()
    {
        _follower.Move([new AggregatorPhase(Feed.Aggregator!, 1, 8, 100, 150), new AggregatorPhase("0x" + new string('9', 40), 2, 8, 150, long.MaxValue)], 200);
        _follower.PhaseUnchanged(1_000);
        _follower.Done(150 + 127, 64);
        Assert.Equal(2, _follower.Aggregators.Count());
        _follower.Done(150 + 128, 64);
        Assert.Single(_follower.Aggregators);
    }

    private Changes Written(params LogEntry[] logs)
    {
        Changes changes = Compare(logs);
        _follower.Written(changes);
        return changes;
    }

    private Changes Compare(params LogEntry[] logs) => _follower.Compare(Range(logs));

    private static LogRange Range(params LogEntry[] logs) => new(0, 100, logs);
}
