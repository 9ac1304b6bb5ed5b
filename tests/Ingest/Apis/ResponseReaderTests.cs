using System.Text;
using Assay.Ingest.Apis.Internal;
using Assay.Schemas;

namespace Assay.Ingest.Apis;

public sealed class ResponseReaderTests
{
    private static readonly DateTime Now = new(2023, 8, 17, 21, 45, 10, 250, DateTimeKind.Utc);
    private static readonly SourceRequest CoinGecko = Compiled(Sources.CoinGecko(new("http://localhost/")));

    [Fact]
    public void Response_with_three_pairs_gives_three_quotes()
    {
        const string body = """
            {"bitcoin":{"usd":26400,"last_updated_at":1692308701},"chainlink":{"usd":6.23,"last_updated_at":1692308702},"ethereum":{"usd":1683.12,"last_updated_at":1692308703}}
            """;

        IReadOnlyList<Reading> readings = Read(CoinGecko, body);

        Assert.All(readings, reading => Assert.Null(reading.Rejection));
        Assert.Equal(
            [Quote("BTC-USD", 26400m, 1, body), Quote("ETH-USD", 1683.12m, 3, body), Quote("LINK-USD", 6.23m, 2, body)], readings.Select(reading => reading.Quote));
    }

    [Fact]
    public void Wrong_price_of_one_pair_leaves_the_others_their_quotes()
    {
        IReadOnlyList<Reading> readings = Read(CoinGecko, """{"bitcoin":{"usd":null,"last_updated_at":1692308701},"ethereum":{"usd":1683.12,"last_updated_at":1692308703}}""");

        Assert.Equal(["ETH-USD"], readings.Where(reading => reading.Quote is not null).Select(reading => reading.Pair));
        Assert.Equal(
            [
                new(RejectionReason.BadPrice, "BTC-USD: the price at /bitcoin/usd is not a number: null"),
                new(RejectionReason.BadResponse, "LINK-USD: the response has nothing at /chainlink/usd"),
            ],
            readings.Select(reading => reading.Rejection).OfType<Rejection>());
    }

    [Theory]
    [InlineData("<html>", RejectionReason.BadResponse, "the response is not JSON: ")]
    [InlineData("", RejectionReason.BadResponse, "the response is not JSON: ")]
    [InlineData("""{"price":1""", RejectionReason.BadResponse, "the response is not JSON: ")]
    [InlineData("""{"price":NaN}""", RejectionReason.BadResponse, "the response is not JSON: ")]
    [InlineData("[]", RejectionReason.BadResponse, "ETH-USD: the response has nothing at /price")]
    [InlineData("""{"price":{}}""", RejectionReason.BadPrice, "ETH-USD: the price at /price is not a number: {}")]
    [InlineData("""{"price":"n/a"}""", RejectionReason.BadPrice, "ETH-USD: the price at /price is not a number: \"n/a\"")]
    [InlineData("""{"price":0}""", RejectionReason.BadPrice, "ETH-USD: the price at /price is not positive: 0")]
    [InlineData("""{"price":-1}""", RejectionReason.BadPrice, "ETH-USD: the price at /price is not positive: -1")]
    [InlineData("""{"price":1e400}""", RejectionReason.BadPrice, "ETH-USD: the price at /price has more than 20 digits before the point: 1e400")]
    [InlineData("""{"price":1}""", RejectionReason.BadResponse, "ETH-USD: the response has nothing at /time")]
    [InlineData("""{"price":1,"time":"soon"}""", RejectionReason.BadResponse, "ETH-USD: the time at /time is neither unix time nor ISO-8601: \"soon\"")]
    [InlineData("""{"price":1,"time":1692308771}""", RejectionReason.FutureTime, "ETH-USD: the time at /time is more than 60 s ahead of the clock: 1692308771")]
    public void Response_that_is_not_as_mapped_is_rejected_with_what_and_where(string body, string reason, string detail)
    {
        Reading reading = Assert.Single(Read(Compiled(Sources.Single("http://localhost/", new() { Pair = "ETH-USD", Price = "/price", Time = "/time" })), body));

        Assert.Null(reading.Quote);
        Assert.Equal(reason, reading.Rejection?.Reason);
        Assert.StartsWith(detail, reading.Rejection?.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"price":1,"time":1692308770}""")]
    [InlineData("""{"price":1,"time":null}""")]
    public void Time_up_to_a_minute_ahead_or_none_is_accepted(string body) =>
        Assert.NotNull(Assert.Single(Read(Compiled(Sources.Single("http://localhost/", new() { Pair = "ETH-USD", Price = "/price", Time = "/time" })), body)).Quote);

    [Fact]
    public void Price_in_a_string_and_without_a_time_is_a_quote()
    {
        ApiPrice quote = Assert.Single(Read(Compiled(Sources.Single("http://localhost/")), """{"price":"1683.12000000"}""")).Quote!;

        Assert.Equal(1683.12m, quote.Price);
        Assert.Null(quote.QuotedAt);
    }

    [Fact]
    public void Event_is_the_response_as_received_without_its_byte_order_mark()
    {
        const string body = "  {\"price\" : 1683.120, \"ä\":\"\\u00e4\"}\n";
        byte[] marked = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(body)];

        Assert.Equal(body, Assert.Single(ResponseReader.Read(Compiled(Sources.Single("http://localhost/")), marked, Now)).Quote?.Event);
    }

    [Fact]
    public void Response_that_is_not_utf8_is_rejected()
    {
        Reading reading = Assert.Single(ResponseReader.Read(Compiled(Sources.Single("http://localhost/")), Encoding.Latin1.GetBytes("{\"price\":1,\"ä\":1}"), Now));

        Assert.Equal(new(RejectionReason.BadResponse, "the response is not UTF-8"), reading.Rejection);
    }

    private static ApiPrice Quote(string pair, decimal price, int second, string body) => new()
    {
        Pair = pair,
        Source = "coingecko",
        EventType = "cg",
        Price = price,
        QuotedAt = new(2023, 8, 17, 21, 45, second, DateTimeKind.Utc),
        ObservedAt = Now,
        Event = body,
    };

    private static IReadOnlyList<Reading> Read(SourceRequest request, string body) => ResponseReader.Read(request, Encoding.UTF8.GetBytes(body), Now);

    private static SourceRequest Compiled(SourceOptions source) => RequestCompiler.Compile([source]).Single().Single();
}
