using System.Numerics;

namespace Assay.Ethereum;

/// <summary>Chainlink's <c>AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)</c>.</summary>
/// <param name="Current">The answer, in units of 10^-decimals.</param>
/// <param name="RoundId">The aggregator's own round, without the proxy's phase.</param>
/// <param name="UpdatedAt">Unix seconds as the contract gives them; any 256 bits are possible.</param>
public sealed record AnswerUpdated(BigInteger Current, BigInteger RoundId, BigInteger UpdatedAt)
{
    /// <summary>The first topic of its logs.</summary>
    public static string Topic { get; } = Hex.Data(Keccak256.Hash("AnswerUpdated(int256,uint256,uint256)"));

    /// <exception cref="EthereumException">The log is another event's, or too short.</exception>
    public static AnswerUpdated Decode(LogEntry log)
    {
        if (log.Topics.Count != 3 || log.Topics[0] != Topic)
            throw new EthereumException($"The log {log.LogIndex} of block {log.BlockNumber} is no AnswerUpdated with two indexed arguments.");
        return new AnswerUpdated(
            new AbiData(Hex.ParseData(log.Topics[1], "AnswerUpdated's current"), "AnswerUpdated's current").Int256(0),
            new AbiData(Hex.ParseData(log.Topics[2], "AnswerUpdated's roundId"), "AnswerUpdated's roundId").UInt256(0),
            new AbiData(Hex.ParseData(log.Data, "AnswerUpdated's updatedAt"), "AnswerUpdated's updatedAt").UInt256(0));
    }
}
