using System.Globalization;
using System.Numerics;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>A proxy's 80-bit round ids: <c>phase &lt;&lt; 64 | the aggregator's round</c>.</summary>
internal static class RoundIds
{
    private const int RoundBits = 64;

    public static bool FitsProxy(BigInteger aggregatorRound) => aggregatorRound >> RoundBits == 0;

    /// <param name="phase">Null where there is no proxy: the id is the aggregator's own.</param>
    public static string Text(int? phase, BigInteger aggregatorRound) =>
        ((new BigInteger(phase ?? 0) << RoundBits) | aggregatorRound).ToString(CultureInfo.InvariantCulture);

    public static int Phase(string proxyRound) => (int)(BigInteger.Parse(proxyRound, CultureInfo.InvariantCulture) >> RoundBits);
}
