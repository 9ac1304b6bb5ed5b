using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Assay.Demo.Market.Internal;

/// <summary>
/// <c>GET /v1/tickers/{id}</c> as Coinpaprika answers it: one ticker with <c>quotes.USD.price</c> to all the digits of a double
/// and <c>last_updated</c> in ISO-8601 to the second; an unknown id is 404.
/// </summary>
internal sealed class Coinpaprika(ApiOptions options, SimulatedMarket market, TimeProvider time) : CachedApi(options, market, noise: 2, time)
{
    private const string TickersPath = "/v1/tickers/";
    /// <summary>A day's turnover as a share of all coins.</summary>
    private const decimal Turnover = 0.04m;

    private static readonly (string Name, TimeSpan Before)[] Changes =
    [
        ("percent_change_15m", TimeSpan.FromMinutes(15)),
        ("percent_change_30m", TimeSpan.FromMinutes(30)),
        ("percent_change_1h", TimeSpan.FromHours(1)),
        ("percent_change_6h", TimeSpan.FromHours(6)),
        ("percent_change_12h", TimeSpan.FromHours(12)),
        ("percent_change_24h", TimeSpan.FromHours(24)),
        ("percent_change_7d", TimeSpan.FromDays(7)),
        ("percent_change_30d", TimeSpan.FromDays(30)),
        ("percent_change_1y", TimeSpan.FromDays(365)),
    ];

    protected override string TooManyRequests => """{"error":"too many requests to this simulated API; wait as Retry-After says"}""";

    protected override bool Owns(string path) => path.StartsWith(TickersPath, StringComparison.Ordinal);

    protected override ApiAnswer Answer(ApiRequest request)
    {
        MarketCoin? coin = MarketCoin.All.FirstOrDefault(coin => coin.CoinpaprikaId == request.Path[TickersPath.Length..]);
        return coin is null ? new(404, """{"error":"id not found"}""") : Cached(Ticker(coin, request.Now), request.Now);
    }

    private string Ticker(MarketCoin coin, DateTimeOffset now)
    {
        decimal price = Quote(coin, now);
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("id", coin.CoinpaprikaId);
            json.WriteString("name", coin.Name);
            json.WriteString("symbol", coin.Symbol);
            json.WriteNumber("rank", coin.Rank);
            json.WriteNumber("total_supply", coin.Supply);
            json.WriteNumber("max_supply", coin.MaxSupply);
            json.WriteNumber("beta_value", 1.0m);
            json.WriteString("first_data_at", coin.FirstDataAt);
            json.WriteString("last_updated", QuotedAt(now).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteStartObject("quotes");
            json.WriteStartObject("USD");
            json.WriteNumber("price", (double)price);
            json.WriteNumber("volume_24h", (double)(price * coin.Supply * Turnover));
            json.WriteNumber("volume_24h_change_24h", Change(coin, price, now, TimeSpan.FromHours(24)));
            json.WriteNumber("market_cap", decimal.Round(price * coin.Supply));
            json.WriteNumber("market_cap_change_24h", Change(coin, price, now, TimeSpan.FromHours(24)));
            foreach ((string name, TimeSpan before) in Changes)
                json.WriteNumber(name, Change(coin, price, now, before));
            json.WriteNumber("ath_price", coin.AllTimeHigh);
            json.WriteString("ath_date", coin.AllTimeHighAt);
            json.WriteNumber("percent_from_price_ath", decimal.Round(100 * (price - coin.AllTimeHigh) / coin.AllTimeHigh, 2));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(body.ToArray());
    }

    private decimal Change(MarketCoin coin, decimal price, DateTimeOffset now, TimeSpan before)
    {
        decimal then = QuoteBefore(coin, now, before);
        return decimal.Round(100 * (price - then) / then, 2);
    }
}
