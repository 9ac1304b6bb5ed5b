namespace Assay.Demo.Market.Internal;

/// <summary>Randomness by address instead of by order: the same coordinates give the same number, whoever asks and how often.</summary>
internal static class HashNoise
{
    /// <summary>Uniform in [0, 1).</summary>
    public static double Uniform(ulong seed, long a, long b = 0, long c = 0) => (Hash(seed, a, b, c) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (Box–Muller).</summary>
    public static double Normal(ulong seed, long a, long b = 0, long c = 0)
    {
        ulong hash = Hash(seed, a, b, c);
        double radius = Math.Sqrt(-2 * Math.Log(1 - (hash >> 11) * (1.0 / (1UL << 53))));
        return radius * Math.Cos(2 * Math.PI * (Mix(hash) >> 11) * (1.0 / (1UL << 53)));
    }

    private static ulong Hash(ulong seed, long a, long b, long c) => Mix(Mix(Mix(Mix(seed) ^ (ulong)a) ^ (ulong)b) ^ (ulong)c);

    /// <summary>SplitMix64's step and finalizer (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
