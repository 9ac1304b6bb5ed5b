using Assay.Ethereum;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>
/// Brings the topic up to the chain's head and keeps it there, over one <see cref="ContractsWriter"/>. Everything is read by block range, in the chain's order, and each range's changes are one
/// transaction: so the topic never holds a log while it lacks an earlier one, and its last record tells where to go on. Each pass reads the newest
/// <see cref="ReorganisationDepth"/> blocks again and compares: what is new is written, what another block has displaced is taken back.
/// </summary>
internal sealed class ChainFollower(
    ChainOptions chain, IReadOnlyList<FeedFollower> feeds, EthereumClient client, ContractsWriter writer, Outage outage, ILogger logger, TimeProvider time)
{
    /// <summary>In blocks; Ethereum finalises within two epochs of 32.</summary>
    public const int ReorganisationDepth = 64;

    // A proxy moves about once a year, and a log of its old aggregator is never written without asking.
    private const int PassesPerPhaseCheck = 15;
    private static readonly TimeSpan BehindPause = TimeSpan.FromMilliseconds(250);
    private const int MostBehindPauses = 8;

    private readonly LogRanges _ranges = new(client, chain.MaxBlockRange);

    /// <summary>Runs until cancelled; a chain that does not answer is asked again.</summary>
    /// <exception cref="Confluent.Kafka.KafkaException">The topic may hold more than is known here: it must be read again.</exception>
    /// <exception cref="UserException">What is configured is not what the chain holds.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (FeedFollower feed in feeds)
            await PersistAsync(() => StartAsync(feed, cancellationToken), cancellationToken);
        while (true)
        {
            string[] addresses = [.. feeds.SelectMany(feed => feed.Aggregators).Distinct()];
            await using LogWatch watch = new(client, addresses, time, cancellationToken);
            await FollowAsync(watch, cancellationToken);
        }
    }

    /// <summary>Returns when a feed has a new aggregator, which must be listened to as well.</summary>
    private async Task FollowAsync(LogWatch watch, CancellationToken cancellationToken)
    {
        int behind = 0;
        for (int pass = 1; ; pass++)
        {
            bool moved = false;
            long head = 0;
            int check = pass % PassesPerPhaseCheck;
            await PersistAsync(async () =>
            {
                head = await client.GetBlockNumberAsync(cancellationToken);
                moved |= check == 0 && await HasMovedAsync(feeds, head, cancellationToken);
                moved |= await PassAsync(feeds, head, watch, cancellationToken);
            }, cancellationToken);
            if (moved)
                return;
            // A log can be announced before the node that is asked next has its block.
            behind = head < watch.Announced && behind < MostBehindPauses ? behind + 1 : 0;
            await watch.WaitAsync(behind > 0 ? BehindPause : chain.PollEvery, cancellationToken);
        }
    }

    private async Task StartAsync(FeedFollower feed, CancellationToken cancellationToken)
    {
        FeedResolution resolution = await feed.Resolver.ResolveAsync(cancellationToken);
        long head = await client.GetBlockNumberAsync(cancellationToken);
        long next = feed.Ledger.LastBlock + 1 ?? Math.Max(0, head - chain.StartBlocksBack);
        long from = feed.Ledger.LastBlock is null ? next : Math.Max(0, next - ReorganisationDepth);
        if (head < from)
            Log.ChainBehind(logger, chain.Name, head, feed.Feed.Name, next - 1, from);
        // A phase is looked for among blocks that exist.
        feed.Start(from, next, await feed.Resolver.PhasesAsync(Math.Min(from, head), feed.Ledger.LastPhase, head, cancellationToken), head);
        Log.Following(logger, feed.Feed.Name, chain.Name, resolution.Description, resolution.Aggregator, resolution.Decimals, from);
        // Each feed catches up by itself: of one that was idle for long, the others' logs in between are known no more.
        while (await PassAsync([feed], head, watch: null, cancellationToken))
            head = await client.GetBlockNumberAsync(cancellationToken);
    }

    /// <summary>Reads from the place of the hindmost feed, less the depth of a reorganisation, to the head. True when a feed has moved: its blocks are to be read again.</summary>
    private async Task<bool> PassAsync(IReadOnlyList<FeedFollower> some, long head, LogWatch? watch, CancellationToken cancellationToken)
    {
        long from = Math.Max(0, Math.Min(some.Min(feed => feed.Next), head + 1) - ReorganisationDepth);
        LogFilter filter = new([.. some.SelectMany(feed => feed.Aggregators).Distinct()], AnswerUpdated.Topic);
        await foreach (LogRange range in _ranges.ReadAsync(filter, from, head, cancellationToken))
        {
            (FeedFollower Feed, Changes Changes)[] changes = [.. some.Select(feed => (feed, feed.Compare(range)))];
            FeedFollower[] changed = [.. changes.Where(change => !change.Changes.IsEmpty).Select(change => change.Feed)];
            if (await HasMovedAsync(changed, head, cancellationToken))
                return true;
            for (int index = 0; index < changes.Length; index++)
            {
                (FeedFollower feed, Changes found) = changes[index];
                List<ContractPrice> takenBack = await TakenBackAsync(feed, range, head, watch, cancellationToken);
                changes[index] = (feed, found with { Prices = [.. takenBack, .. found.Prices] });
            }
            await WriteAsync(changes);
            foreach (FeedFollower feed in some)
                feed.Done(range.ToBlock, ReorganisationDepth);
        }
        return false;
    }

    /// <summary>
    /// Of the answers that the node does not return any more, those whose block has been displaced, or that the node itself has called removed. One that merely lacks them, or
    /// has not come so far, proves nothing.
    /// </summary>
    private async Task<List<ContractPrice>> TakenBackAsync(FeedFollower feed, LogRange range, long head, LogWatch? watch, CancellationToken cancellationToken)
    {
        List<ContractPrice> takenBack = [];
        Dictionary<long, string?> hashes = [];
        foreach (ContractPrice price in feed.Missing(range, range.ToBlock == head ? long.MaxValue : range.ToBlock).ToList())
        {
            if (!hashes.TryGetValue(price.BlockNumber, out string? hash))
                hashes[price.BlockNumber] = hash = (await client.GetBlockByNumberAsync(price.BlockNumber, cancellationToken))?.Hash;
            if ((hash is not null && hash != price.BlockHash) || watch?.IsRemoved(LogId.Of(price)) == true)
                takenBack.Add(feed.TakeBack(price));
        }
        return takenBack;
    }

    private async Task<bool> HasMovedAsync(IReadOnlyList<FeedFollower> some, long head, CancellationToken cancellationToken)
    {
        bool moved = false;
        foreach (FeedFollower feed in some)
        {
            if (await feed.Resolver.CurrentPhaseAsync(cancellationToken) == feed.Phase)
            {
                feed.PhaseUnchanged(head);
                continue;
            }
            long now = await client.GetBlockNumberAsync(cancellationToken);
            feed.Move(await feed.Resolver.PhasesAsync(feed.PhaseSeenAt, feed.Phase, now, cancellationToken), now);
            Log.Moved(logger, feed.Feed.Name, chain.Name, feed.Phase, feed.Aggregators.Last());
            moved = true;
        }
        return moved;
    }

    private async Task WriteAsync((FeedFollower Feed, Changes Changes)[] changes)
    {
        ContractPrice[] prices = [.. changes.SelectMany(change => change.Changes.Prices)];
        DateTime now = Clock.Milliseconds(time.GetUtcNow());
        DeadLetter[] letters =
            [.. changes.SelectMany(change => change.Changes.Rejected.Select(rejected => Rejections.Letter(chain, change.Feed.Feed, rejected.Log, rejected.Rejection, now)))];
        if (prices.Length == 0 && letters.Length == 0)
            return;
        await writer.WriteAsync(prices, letters);
        foreach ((FeedFollower feed, Changes change) in changes)
        {
            feed.Written(change);
            Report(feed.Feed, change);
        }
    }

    private void Report(FeedOptions feed, Changes change)
    {
        KeyValuePair<string, object?> name = new("feed", feed.Name);
        List<ContractPrice> removed = [.. change.Prices.Where(price => price.Removed)];
        Instruments.Answers.Add(change.Prices.Count - removed.Count, name);
        if (removed.Count > 0)
        {
            Instruments.Removed.Add(removed.Count, name);
            Log.Reorganised(logger, chain.Name, removed.Count, removed.Min(price => price.BlockNumber));
        }
        foreach (RejectedLog rejected in change.Rejected)
        {
            Instruments.Rejected.Add(1, name, new KeyValuePair<string, object?>("reason", rejected.Rejection.Reason));
            Log.Rejected(logger, feed.Name, rejected.Log.BlockNumber, rejected.Rejection.Detail);
        }
    }

    /// <summary>Tries until the chain answers.</summary>
    private async Task PersistAsync(Func<Task> attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await attempt();
                outage.Succeed();
                return;
            }
            catch (WrongChainException cause)
            {
                throw new UserException(cause.Message, cause);
            }
            catch (EthereumException failure)
            {
                Instruments.Failures.Add(1, new KeyValuePair<string, object?>("chain", chain.Name), new KeyValuePair<string, object?>("part", "chain"));
                TimeSpan pause = outage.Fail(failure.Message);
                if (failure is EndpointsUnavailableException { RetryAfter: var rest } && rest < pause)
                    pause = rest;
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }
}
