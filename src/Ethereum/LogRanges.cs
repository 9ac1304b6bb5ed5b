using System.Runtime.CompilerServices;
using Assay.Ethereum.Internal;

namespace Assay.Ethereum;

/// <summary>A stretch of blocks, both ends included, and the matching logs in it, in the order of the chain.</summary>
public sealed record LogRange(long FromBlock, long ToBlock, IReadOnlyList<LogEntry> Logs);

/// <summary>
/// Reads the logs of any number of blocks in ranges that the node accepts: a range is halved when the node finds it too large or its results too many, and
/// doubled again, up to the given maximum, after ranges that it accepted. What was learned lasts as long as this object.
/// </summary>
/// <param name="maxRange">The most blocks asked for at once.</param>
public sealed class LogRanges(EthereumClient client, int maxRange)
{
    private const int AcceptedBeforeGrowing = 8;
    private int _range = Math.Max(1, maxRange);
    private int _accepted;

    /// <exception cref="RpcResponseException">The node refuses even a single block, or refuses for another reason.</exception>
    /// <exception cref="EndpointsUnavailableException">No endpoint serves now; what was returned so far is complete up to its last block.</exception>
    public async IAsyncEnumerable<LogRange> ReadAsync(LogFilter filter, long fromBlock, long toBlock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long from = fromBlock; from <= toBlock;)
        {
            long to = Math.Min(toBlock, from + _range - 1);
            if (await TryReadAsync(filter, from, to, cancellationToken) is not { } logs)
                continue;
            yield return new LogRange(from, to, logs);
            from = to + 1;
        }
    }

    private async Task<IReadOnlyList<LogEntry>?> TryReadAsync(LogFilter filter, long from, long to, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<LogEntry> logs = await client.GetLogsAsync(filter, from, to, cancellationToken);
            if (_range < maxRange && ++_accepted >= AcceptedBeforeGrowing)
            {
                _accepted = 0;
                _range = Math.Min(maxRange, _range * 2);
            }
            return logs;
        }
        catch (RpcResponseException refused) when (to > from && Refusal.IsRangeTooLarge(refused))
        {
            _accepted = 0;
            _range = (int)Math.Max(1, (to - from + 1) / 2);
            return null;
        }
    }
}
