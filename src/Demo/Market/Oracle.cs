using Microsoft.Extensions.Logging;

namespace Assay.Demo.Market;

/// <summary>
/// Keeps the on-chain aggregators up to date as Chainlink's nodes do: for each pair an answer when the price has moved by the
/// deviation threshold since the last answer, or when the heartbeat has passed.
/// </summary>
/// <param name="submit">Writes one answer to the pair's aggregator; ends when it is on the chain.</param>
public sealed class Oracle(
    OracleOptions options, SimulatedMarket market, Func<string, decimal, CancellationToken, Task> submit, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(15);
    private readonly ILogger _log = loggers.CreateLogger<Oracle>();

    /// <summary>Runs until cancelled. A submission that fails is tried again, more and more slowly, at the price of that moment.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(MarketCoin.All.Select(coin => FollowAsync(coin.Pair, cancellation)));

    private async Task FollowAsync(string pair, CancellationToken cancellation)
    {
        decimal answered = 0;
        long answeredAt = 0;
        int failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            decimal price = market.Price(pair, time.GetUtcNow());
            if (answered == 0 || time.GetElapsedTime(answeredAt) >= options.Heartbeat || 100 * Math.Abs(price - answered) / answered >= options.DeviationThreshold)
            {
                if (await TrySubmitAsync(pair, price, failures, cancellation))
                    (answered, answeredAt, failures) = (price, time.GetTimestamp(), 0);
                else
                    failures++;
            }
            try
            {
                await Task.Delay(Pause(failures), time, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private TimeSpan Pause(int failures)
    {
        if (failures == 0)
            return options.Every;
        TimeSpan doubled = options.Every * Math.Pow(2, Math.Min(failures, 10));
        return (doubled < MaxPause ? doubled : MaxPause) * (0.5 + Random.Shared.NextDouble() / 2);
    }

    private async Task<bool> TrySubmitAsync(string pair, decimal price, int failures, CancellationToken cancellation)
    {
        using CancellationTokenSource timeout = new(options.SubmitTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await submit(pair, price, either.Token);
            if (failures > 0)
                MarketLog.OracleHealed(_log, pair, failures);
            return true;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            if (failures == 0)
                MarketLog.OracleFailed(_log, pair, timeout.IsCancellationRequested ? $"no receipt within {options.SubmitTimeout.TotalSeconds:0.#} s" : failure.Message);
            return false;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
