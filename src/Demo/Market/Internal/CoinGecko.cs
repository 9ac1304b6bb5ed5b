using System.Text;
using System.Text.Json;

namespace Assay.Demo.Market.Internal;

/// <summary>
/// <c>GET /api/v3/simple/price</c> as CoinGecko answers it: an object by coin id, prices of a dollar and more to two decimals and
/// smaller ones to more, <c>last_updated_at</c> in unix seconds on request, unknown coins left out, a missing parameter 422.
/// </summary>
internal sealed class CoinGecko(ApiOptions options, SimulatedMarket market, TimeProvider time) : CachedApi(options, market, noise: 1, time)
{
    private const string PricePath = "/api/v3/simple/price";

    protected override string TooManyRequests =>
        """{"status":{"error_code":429,"error_message":"The rate limit of this simulated API is exceeded; wait as Retry-After says."}}""";

    protected override bool Owns(string path) => path.StartsWith("/api/v3/", StringComparison.Ordinal);

    protected override ApiAnswer Answer(ApiRequest request)
    {
        if (request.Path != PricePath)
            return new(404, """{"error":"Incorrect path. Please check the path."}""");
        if (!request.Query.TryGetValue("vs_currencies", out string? currencies) || currencies.Length == 0)
            return new(422, """{"error":"Missing parameter vs_currencies"}""");
        if (!request.Query.TryGetValue("ids", out string? ids) || ids.Length == 0)
            return new(422, """{"error":"Missing parameter ids"}""");
        bool dollars = currencies.Split(',').Contains("usd", StringComparer.OrdinalIgnoreCase);
        bool times = request.Query.TryGetValue("include_last_updated_at", out string? include) && include == "true";

        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            foreach (MarketCoin coin in MarketCoin.All.IntersectBy(ids.Split(','), coin => coin.CoinGeckoId))
            {
                json.WriteStartObject(coin.CoinGeckoId);
                if (dollars)
                    json.WriteNumber("usd", Rounded(Quote(coin, request.Now)));
                if (times)
                    json.WriteNumber("last_updated_at", QuotedAt(request.Now).ToUnixTimeSeconds());
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Cached(Encoding.UTF8.GetString(body.ToArray()), request.Now);
    }

    private static decimal Rounded(decimal price) => decimal.Round(price, price >= 1 ? 2 : 8) / 1.0000000000m;
}
