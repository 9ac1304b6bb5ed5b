using System.Numerics;

namespace Assay.Ethereum;

/// <summary>What <c>latestRoundData()</c> returns.</summary>
/// <param name="RoundId">Of a proxy: phase &lt;&lt; 64 | the aggregator's round.</param>
public sealed record RoundData(BigInteger RoundId, BigInteger Answer, BigInteger StartedAt, BigInteger UpdatedAt, BigInteger AnsweredInRound);

/// <summary>The read calls of a Chainlink price feed, proxy or aggregator (AggregatorV3Interface, AggregatorProxyInterface).</summary>
/// <param name="address">0x and 40 hex digits.</param>
public sealed class PriceFeed(EthereumClient client, string address)
{
    private static readonly byte[] Decimals = AbiData.Call("decimals()");
    private static readonly byte[] Description = AbiData.Call("description()");
    private static readonly byte[] Aggregator = AbiData.Call("aggregator()");
    private static readonly byte[] PhaseId = AbiData.Call("phaseId()");
    private static readonly byte[] LatestRoundData = AbiData.Call("latestRoundData()");

    public async Task<int> GetDecimalsAsync(CancellationToken cancellationToken) =>
        new AbiData(await CallAsync(Decimals, null, cancellationToken), What("decimals()")).UInt(0, 8);

    /// <summary>E.g. <c>ETH / USD</c>.</summary>
    public async Task<string> GetDescriptionAsync(CancellationToken cancellationToken) =>
        new AbiData(await CallAsync(Description, null, cancellationToken), What("description()")).Text(0);

    /// <summary>Proxy only: the contract whose answers it passes on.</summary>
    public async Task<string> GetAggregatorAsync(CancellationToken cancellationToken) =>
        new AbiData(await CallAsync(Aggregator, null, cancellationToken), What("aggregator()")).Address(0);

    /// <summary>Proxy only: how many aggregators it has had.</summary>
    /// <param name="block">As it was after this block; null: now.</param>
    public async Task<int> GetPhaseIdAsync(long? block, CancellationToken cancellationToken) =>
        new AbiData(await CallAsync(PhaseId, block, cancellationToken), What("phaseId()")).UInt(0, 16);

    /// <summary>Proxy only: the aggregator of a phase, from 1 to <see cref="GetPhaseIdAsync"/>.</summary>
    public async Task<string> GetPhaseAggregatorAsync(int phase, CancellationToken cancellationToken) =>
        new AbiData(await CallAsync(AbiData.Call("phaseAggregators(uint16)", phase), null, cancellationToken), What("phaseAggregators(uint16)")).Address(0);

    /// <exception cref="RpcResponseException">Also where the feed has no answer yet.</exception>
    public async Task<RoundData> GetLatestRoundDataAsync(CancellationToken cancellationToken)
    {
        AbiData data = new(await CallAsync(LatestRoundData, null, cancellationToken), What("latestRoundData()"));
        return new RoundData(data.UInt256(0), data.Int256(1), data.UInt256(2), data.UInt256(3), data.UInt256(4));
    }

    private Task<byte[]> CallAsync(byte[] call, long? block, CancellationToken cancellationToken) => client.CallAsync(address, call, block, cancellationToken);

    private string What(string call) => $"The answer of {address} to {call}";
}
