using Assay.Demo.Market.Internal;

namespace Assay.Demo.Market;

/// <summary>
/// The one true price of each pair: a random walk with jumps, as a pure function of the seed and the moment.
/// </summary>
/// <remarks>
/// <para>The logarithm of a price is a Brownian bridge over each block of 2^16 seconds (18 hours), built by Lévy's midpoint
/// displacement from hashed normals, plus jumps that fade. So any moment can be asked for in any order and by any number of
/// readers, the past (an API that lags) costs the same as the present, a restarted demo goes on in the same market, and a price
/// never wanders off: it comes back to its base at each block's end.</para>
/// <para>Moments are those of the clock, so advancing the clock advances the market.</para>
/// </remarks>
public sealed class SimulatedMarket(MarketOptions options)
{
    private const double BlockSeconds = 65_536;
    /// <summary>Halvings of a block down to 1/16 s; between such points the walk is a straight line.</summary>
    private const int Levels = 20;
    private const double JumpHalfLifeSeconds = 300;
    /// <summary>A jump is forgotten after so many half-lives, at a thousandth of its height.</summary>
    private const double JumpHalfLives = 10;
    private const long JumpMoment = -1;
    private const long JumpHeight = -2;

    private readonly Dictionary<string, MarketCoin> _coins = MarketCoin.All.ToDictionary(coin => coin.Pair);

    /// <summary>The price of <paramref name="pair"/> at a moment, in US dollars, to eight decimals.</summary>
    /// <exception cref="ArgumentException">The market does not trade this pair.</exception>
    public decimal Price(string pair, DateTimeOffset at)
    {
        if (!_coins.TryGetValue(pair, out MarketCoin? coin))
            throw new ArgumentException($"The simulated market trades {string.Join(", ", _coins.Keys)}, not {pair}.", nameof(pair));
        double seconds = (at - DateTimeOffset.UnixEpoch).TotalSeconds;
        ulong seed = options.Seed * 1_000 + (ulong)coin.Rank;
        double percent = options.VolatilityPct * Walk(seed, seconds) + options.JumpPct * Jumps(seed, seconds);
        return decimal.Round(coin.BasePrice * (decimal)Math.Exp(percent / 100), 8);
    }

    private static double Walk(ulong seed, double seconds)
    {
        double block = Math.Floor(seconds / BlockSeconds);
        double position = seconds - block * BlockSeconds;
        double length = BlockSeconds, left = 0, right = 0;
        long index = 0;
        for (int level = 0; level < Levels; level++)
        {
            double middle = (left + right) / 2 + HashNoise.Normal(seed, (long)block, level, index) * Math.Sqrt(length) / 2;
            length /= 2;
            index *= 2;
            if (position < length)
            {
                right = middle;
                continue;
            }
            left = middle;
            position -= length;
            index++;
        }
        return left + (right - left) * (position / length);
    }

    private double Jumps(ulong seed, double seconds)
    {
        double span = options.JumpEvery.TotalSeconds;
        long current = (long)Math.Floor(seconds / span);
        long first = current - (long)Math.Ceiling(JumpHalfLives * JumpHalfLifeSeconds / span);
        double sum = 0;
        for (long cell = first; cell <= current; cell++)
        {
            double age = seconds - (cell + HashNoise.Uniform(seed, cell, JumpMoment)) * span;
            if (age >= 0)
                sum += HashNoise.Normal(seed, cell, JumpHeight) * Math.Pow(2, -age / JumpHalfLifeSeconds);
        }
        return sum;
    }
}
