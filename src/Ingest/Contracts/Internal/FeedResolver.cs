using Assay.Ethereum;
using Assay.Schemas;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>Asks a feed's contracts who they are, and which aggregator answered for the feed in which blocks.</summary>
internal sealed class FeedResolver(EthereumClient client, ChainOptions chain, FeedOptions feed)
{
    private readonly string _address = feed.Proxy ?? feed.Aggregator!;
    private readonly PriceFeed _contract = new(client, feed.Proxy ?? feed.Aggregator!);

    /// <summary>Checks that the configured address is the pair's feed.</summary>
    /// <exception cref="UserException">It is not; says what it is instead.</exception>
    /// <exception cref="EthereumException">The chain does not answer now.</exception>
    public async Task<FeedResolution> ResolveAsync(CancellationToken cancellationToken)
    {
        if (!await client.HasCodeAsync(_address, cancellationToken))
            throw new UserException($"Feed {feed.Name}: there is no contract at {_address} on chain {chain.Name} (id {chain.ChainId}); correct the feed's address or its chain.");
        string description = await ReadAsync(_contract.GetDescriptionAsync(cancellationToken), "description()");
        if (!IsPair(description))
            throw new UserException($"Feed {feed.Name}: the contract at {_address} on chain {chain.Name} is '{description}', not {feed.Pair}; correct the feed's address or its pair.");
        FeedResolution resolution = new(feed.Name, chain.Name)
        {
            Description = description,
            Decimals = await ReadAsync(_contract.GetDecimalsAsync(cancellationToken), "decimals()"),
            Aggregator = feed.Proxy is null ? _address.ToLowerInvariant() : await ReadAsync(_contract.GetAggregatorAsync(cancellationToken), "aggregator()"),
            PhaseId = feed.Proxy is null ? null : await ReadAsync(_contract.GetPhaseIdAsync(block: null, cancellationToken), "phaseId()"),
        };
        try
        {
            RoundData latest = await _contract.GetLatestRoundDataAsync(cancellationToken);
            return resolution with { LatestRound = latest.RoundId, LatestAnswer = latest.Answer, LatestUpdatedAt = Time(latest) };
        }
        catch (RpcResponseException)
        {
            // A feed without an answer yet reverts.
            return resolution;
        }
    }

    /// <summary>The phase now; null where there is no proxy.</summary>
    public async Task<int?> CurrentPhaseAsync(CancellationToken cancellationToken) => feed.Proxy is null ? null : await _contract.GetPhaseIdAsync(block: null, cancellationToken);

    /// <summary>
    /// The phases from a block on. A phase begins in the block after which the proxy's <c>phaseId()</c> is its own, found by bisection; where the node no longer has the states
    /// of such old blocks, the bounds cannot be known, and both aggregators are read over the whole stretch rather than a log be missed.
    /// </summary>
    /// <param name="fromBlock">Where the first phase is taken up.</param>
    /// <param name="knownPhase">The phase at that block, if it is known from elsewhere.</param>
    /// <param name="head">The newest block.</param>
    public async Task<IReadOnlyList<AggregatorPhase>> PhasesAsync(long fromBlock, int? knownPhase, long head, CancellationToken cancellationToken)
    {
        if (feed.Proxy is null)
            return [new AggregatorPhase(_address.ToLowerInvariant(), null, await _contract.GetDecimalsAsync(cancellationToken), fromBlock, long.MaxValue)];
        int current = await _contract.GetPhaseIdAsync(block: null, cancellationToken);
        int first = Math.Min(current, Math.Max(1, knownPhase ?? await TryPhaseAtAsync(fromBlock, cancellationToken) ?? current));
        List<AggregatorPhase> phases = [await PhaseAsync(first, fromBlock, cancellationToken)];
        for (int phase = first + 1; phase <= current; phase++)
        {
            long? begin = await TryFirstBlockAsync(phase, phases[^1].FirstBlock, head, cancellationToken);
            // The old aggregator may have answered in that very block, ahead of the move.
            phases[^1] = phases[^1] with { LastBlock = begin ?? head };
            phases.Add(await PhaseAsync(phase, begin ?? phases[^1].FirstBlock, cancellationToken));
        }
        return phases;
    }

    private async Task<AggregatorPhase> PhaseAsync(int phase, long firstBlock, CancellationToken cancellationToken)
    {
        string aggregator = await _contract.GetPhaseAggregatorAsync(phase, cancellationToken);
        return new AggregatorPhase(aggregator, phase, await new PriceFeed(client, aggregator).GetDecimalsAsync(cancellationToken), firstBlock, long.MaxValue);
    }

    /// <summary>0 before the proxy existed; null where the node does not know any more.</summary>
    private async Task<int?> TryPhaseAtAsync(long block, CancellationToken cancellationToken)
    {
        try
        {
            byte[] answer = await client.CallAsync(_address, AbiData.Call("phaseId()"), block, cancellationToken);
            return answer.Length == 0 ? 0 : new AbiData(answer, "The answer to phaseId()").UInt(0, 16);
        }
        catch (RpcResponseException)
        {
            return null;
        }
    }

    private async Task<long?> TryFirstBlockAsync(int phase, long low, long high, CancellationToken cancellationToken)
    {
        while (low < high)
        {
            long middle = low + (high - low) / 2;
            if (await TryPhaseAtAsync(middle, cancellationToken) is not { } there)
                return null;
            if (there >= phase)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    private async Task<T> ReadAsync<T>(Task<T> call, string name)
    {
        try
        {
            return await call;
        }
        catch (EthereumException cause) when (cause is not (EndpointsUnavailableException or WrongChainException))
        {
            string kind = feed.Proxy is null ? "an aggregator" : "a price feed's proxy (where it is an aggregator itself, configure it as 'aggregator')";
            throw new UserException($"Feed {feed.Name}: the contract at {_address} on chain {chain.Name} has no usable {name}, so it is not {kind}; correct the feed's address.", cause);
        }
    }

    /// <summary>Contracts write "ETH / USD" where we write "ETH-USD".</summary>
    private bool IsPair(string description) =>
        string.Equals(string.Concat(description.Where(letter => !char.IsWhiteSpace(letter))).Replace('/', '-'), feed.Pair, StringComparison.OrdinalIgnoreCase);

    private static DateTime? Time(RoundData round) =>
        round.UpdatedAt <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds((long)round.UpdatedAt).UtcDateTime : null;
}
