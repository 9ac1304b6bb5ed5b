using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Demo.Market;

public sealed class MarketServerTests : IAsyncLifetime
{
    private const string SimplePrice = "/api/v3/simple/price?ids=bitcoin,chainlink,ethereum&vs_currencies=usd&include_last_updated_at=true";

    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SimulatedMarket _market = new(new());
    private readonly HttpClient _client = new();
    private MarketServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await MarketServer.StartAsync(new(), _market, _time, NullLoggerFactory.Instance, Cancellation);
        _client.BaseAddress = _server.Url;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task CoinGecko_prices_the_asked_coins_near_the_market_with_unix_times()
    {
        using JsonDocument answer = JsonDocument.Parse(await _client.GetStringAsync(SimplePrice, Cancellation));

        Assert.Equal(["bitcoin", "ethereum", "chainlink"], answer.RootElement.EnumerateObject().Select(coin => coin.Name));
        JsonElement ethereum = answer.RootElement.GetProperty("ethereum");
        DateTimeOffset quoted = DateTimeOffset.FromUnixTimeSeconds(ethereum.GetProperty("last_updated_at").GetInt64());
        Assert.InRange(_time.GetUtcNow() - quoted, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        decimal price = ethereum.GetProperty("usd").GetDecimal();
        Assert.InRange(price / _market.Price("ETH-USD", quoted), 0.999m, 1.001m);
        Assert.True(ethereum.GetProperty("usd").GetRawText().Split('.').Last().Length <= 2, "CoinGecko gives at most cents");
    }

    [Fact]
    public async Task Coinpaprika_prices_one_coin_near_the_market_with_an_iso_time()
    {
        using JsonDocument answer = JsonDocument.Parse(await _client.GetStringAsync("/v1/tickers/link-chainlink", Cancellation));

        JsonElement root = answer.RootElement;
        Assert.Equal("link-chainlink", root.GetProperty("id").GetString());
        DateTimeOffset quoted = DateTimeOffset.ParseExact(root.GetProperty("last_updated").GetString()!, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
        Assert.InRange(_time.GetUtcNow() - quoted, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.InRange(root.GetProperty("quotes").GetProperty("USD").GetProperty("price").GetDecimal() / _market.Price("LINK-USD", quoted), 0.997m, 1.003m);
    }

    [Fact]
    public async Task Answer_stays_the_same_until_the_cache_is_filled_again()
    {
        string first = await _client.GetStringAsync(SimplePrice, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        using HttpResponseMessage second = await _client.GetAsync(SimplePrice, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        string third = await _client.GetStringAsync(SimplePrice, Cancellation);

        Assert.Equal(first, await second.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.Age);
        Assert.Equal(TimeSpan.FromSeconds(2), second.Headers.CacheControl?.MaxAge);
        Assert.NotEqual(first, third);
    }

    [Fact]
    public async Task Client_that_asks_too_often_is_told_when_to_come_back_and_then_served()
    {
        HttpResponseMessage refused;
        int served = 0;
        while ((refused = await _client.GetAsync("/v1/tickers/eth-ethereum", Cancellation)).IsSuccessStatusCode)
            served++;

        Assert.Equal(30, served);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        TimeSpan wait = refused.Headers.RetryAfter?.Delta ?? throw new InvalidOperationException("429 without Retry-After");
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(SimplePrice, Cancellation)).StatusCode);
        _time.Advance(wait);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v1/tickers/eth-ethereum", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Outage_answers_503_and_ends_when_switched_off()
    {
        _server.ServerErrorRate = 1;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _client.GetAsync(SimplePrice, Cancellation)).StatusCode);
        _server.ServerErrorRate = 0;
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(SimplePrice, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("/api/v3/simple/price?vs_currencies=usd", 422)]
    [InlineData("/api/v3/simple/price?ids=ethereum", 422)]
    [InlineData("/api/v3/ping/pong", 404)]
    [InlineData("/v1/tickers/no-coin", 404)]
    [InlineData("/", 404)]
    public async Task Wrong_request_is_refused_as_the_real_api_refuses_it(string path, int status) =>
        Assert.Equal(status, (int)(await _client.GetAsync(path, Cancellation)).StatusCode);

    [Fact]
    public async Task Journal_holds_what_was_served_in_memory_and_in_the_file()
    {
        using TemporaryFolder folder = new();
        await using MarketServer server = await MarketServer.StartAsync(
            new() { JournalFile = folder["served.jsonl"] }, _market, _time, NullLoggerFactory.Instance, Cancellation);
        string body = await _client.GetStringAsync(new Uri(server.Url, "/v1/tickers/btc-bitcoin"), Cancellation);

        ServedResponse expected = new(_time.GetUtcNow().UtcDateTime, "/v1/tickers/btc-bitcoin", 200, body);
        Assert.Equal([expected], server.Journal);
        using FileStream file = new(folder["served.jsonl"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.Equal(expected, JsonSerializer.Deserialize<ServedResponse>(new StreamReader(file).ReadLine()!, JsonSerializerOptions.Web));
    }
}
