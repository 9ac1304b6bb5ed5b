using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Assay.Ethereum.Internal;

namespace Assay.Ethereum;

/// <summary>Reading logs: asking for them, and being told of them.</summary>
public sealed partial class EthereumClient
{
    private const int NotificationsKept = 1_000;
    private static readonly TimeSpan AfterBreak = TimeSpan.FromMilliseconds(500);

    /// <summary>The logs of a range of blocks, both ends included, in the order of the chain. One request; see <see cref="LogRanges"/> for long ranges.</summary>
    public async Task<IReadOnlyList<LogEntry>> GetLogsAsync(LogFilter filter, long fromBlock, long toBlock, CancellationToken cancellationToken)
    {
        JsonElement logs = await SendAsync("eth_getLogs", [filter.ToJson(fromBlock, toBlock)], cancellationToken);
        if (logs.ValueKind != JsonValueKind.Array)
            throw new EthereumException($"The answer to eth_getLogs is a JSON {logs.ValueKind}, not an array.");
        return [.. logs.EnumerateArray().Select(LogEntry.Parse).OrderBy(log => log.BlockNumber).ThenBy(log => log.LogIndex)];
    }

    /// <summary>
    /// Logs as a WebSocket endpoint announces them, subscribed anew whenever the connection breaks. Announcements can be missed, during an outage or by a slow
    /// reader: whoever needs all of them reads <see cref="GetLogsAsync"/> when one comes. Ends at once where the chain has no WebSocket endpoint.
    /// </summary>
    public async IAsyncEnumerable<LogEntry> SubscribeLogsAsync(LogFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Endpoint[] subscribable = [.. _endpoints.Where(endpoint => endpoint.Subscribes)];
        while (subscribable.Any(endpoint => !endpoint.Refused))
        {
            if (Candidates(subscribable) is not [Endpoint endpoint, ..])
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellationToken);
                continue;
            }
            Channel<JsonElement> notifications = Channel.CreateBounded<JsonElement>(new BoundedChannelOptions(NotificationsKept) { FullMode = BoundedChannelFullMode.DropOldest });
            Func<CancellationToken, Task> unsubscribe;
            try
            {
                unsubscribe = await endpoint.SubscribeAsync(["logs", filter.ToJson()], notifications.Writer, cancellationToken);
            }
            catch (Exception failure) when (failure is TransportException or RpcResponseException)
            {
                // Its health is marked; where the node itself refuses to subscribe, asking again at once would not help.
                if (failure is RpcResponseException)
                    await Task.Delay(_options.RequestTimeout, _time, cancellationToken);
                continue;
            }
            try
            {
                while (await HasMoreAsync(notifications.Reader, cancellationToken))
                {
                    while (notifications.Reader.TryRead(out JsonElement notification))
                    {
                        if (TryParse(notification, endpoint, out LogEntry? log))
                            yield return log;
                    }
                }
            }
            finally
            {
                using CancellationTokenSource bound = new(_options.RequestTimeout, _time);
                await unsubscribe(bound.Token);
            }
            // An endpoint that accepts and closes again must not be asked in a tight loop.
            await Task.Delay(AfterBreak * (0.5 + Random.Shared.NextDouble()), _time, cancellationToken);
        }
    }

    private static async Task<bool> HasMoreAsync(ChannelReader<JsonElement> notifications, CancellationToken cancellationToken)
    {
        try
        {
            return await notifications.WaitToReadAsync(cancellationToken);
        }
        catch (TransportException)
        {
            return false;
        }
    }

    private bool TryParse(JsonElement notification, Endpoint endpoint, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LogEntry? log)
    {
        try
        {
            log = LogEntry.Parse(notification);
            return true;
        }
        catch (EthereumException failure)
        {
            Log.BadNotification(_logger, endpoint.Name, _options.Name, failure.Message);
            log = null;
            return false;
        }
    }
}
