using Assay.Ingest.Apis.Internal;
using Assay.Schemas;

namespace Assay.Ingest.Apis;

public sealed class RequestCompilerTests
{
    private static readonly SourceOptions Good = Sources.Single("https://api.example/price");

    [Fact]
    public void Shown_url_is_the_configured_one_with_its_placeholders()
    {
        RequestOptions request = Good.Requests[0] with { Url = new("https://api.example/v1/abc/price?q=s3cret"), ShownUrl = "https://api.example/v1/${PLAN}/price?q=${KEY}" };

        SourceRequest compiled = Compile(WithRequest(request)).Single();

        Assert.Equal(request.Url, compiled.Url);
        Assert.Equal(request.ShownUrl, compiled.Origin);
    }

    public static TheoryData<SourceOptions, string> Mistakes => new()
    {
        { Good with { Name = " " }, "A source has no name; give it one, e.g. 'coingecko'." },
        { Good with { Every = TimeSpan.Zero }, "'every' must lie between 50 ms and a day" },
        { Good with { Every = TimeSpan.FromDays(2) }, "'every' must lie between 50 ms and a day" },
        { Good with { Timeout = TimeSpan.FromHours(1) }, "'timeout' must lie between 50 ms and 5 minutes" },
        { Good with { MaxAge = TimeSpan.Zero }, "'maxAge' must be positive" },
        { Good with { Requests = [] }, "it has no requests" },
        { Good with { Requests = [Good.Requests[0], Good.Requests[0]] }, "two of its requests have the event type 'one'" },
        { WithRequest(Good.Requests[0] with { EventType = "" }), "one of its requests has no event type" },
        { WithRequest(Good.Requests[0] with { Url = new("ftp://api.example/") }), "the URL of its request 'one' must begin with http:// or https://" },
        { WithRequest(Good.Requests[0] with { Url = new("price", UriKind.Relative) }), "the URL of its request 'one' must begin with http:// or https://" },
        { WithRequest(Good.Requests[0] with { Prices = [] }), "its request 'one' maps no prices" },
        { WithPrice(new() { Pair = "ethusd", Price = "/a" }), "maps the pair 'ethusd'; a pair is written BASE-QUOTE" },
        { WithPrice(new() { Pair = "ETH-USD", Price = "$.a" }), "has '$.a', which is no JSON Pointer" },
        { WithPrice(new() { Pair = "ETH-USD", Price = "/a", Time = "b" }), "has 'b', which is no JSON Pointer" },
        { WithRequest(Good.Requests[0] with { Prices = [Good.Requests[0].Prices[0], Good.Requests[0].Prices[0]] }), "maps the pair ETH-USD twice" },
        { Good with { Headers = Header("x key", "1") }, "'x key' is no name of an HTTP header" },
        { Good with { Headers = Header("Content-Type", "application/json") }, "the header Content-Type tells of a body, and a GET has none" },
        { Good with { Headers = Header("x-key", "secret\r\n") }, "the value of the header x-key holds a line break" },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistake_is_named_with_its_source_and_its_mend(SourceOptions source, string expected)
    {
        UserException mistake = Assert.Throws<UserException>(() => Compile(source));

        Assert.Contains(expected, mistake.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", mistake.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sources_of_one_name_are_refused()
    {
        UserException mistake = Assert.Throws<UserException>(() => RequestCompiler.Compile([Good, Good]));
        Assert.Contains("Two sources are named 'single'", mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://a.example/p?ids=x&vs=usd", "https://a.example/p?ids=x&vs=usd")]
    [InlineData("https://a.example/p?x_cg_demo_api_key=abc&ids=x", "https://a.example/p?x_cg_demo_api_key=***&ids=x")]
    [InlineData("https://a.example/p?ids=x&Token=abc#f", "https://a.example/p?ids=x&Token=***#f")]
    [InlineData("https://user:pass@a.example/p?ids=x", "https://a.example/p?ids=x")]
    [InlineData("https://a.example/p?key=${KEY}&ids=x", "https://a.example/p?key=${KEY}&ids=x")]
    [InlineData("https://a.example/p?key=${KEY}abc&ids=x", "https://a.example/p?key=***&ids=x")]
    public void Shown_url_holds_no_secret(string url, string expected) => Assert.Equal(expected, Redaction.Of(url));

    private static IReadOnlyList<SourceRequest> Compile(SourceOptions source) => RequestCompiler.Compile([source]).Single();

    private static SourceOptions WithRequest(RequestOptions request) => Good with { Requests = [request] };

    private static SourceOptions WithPrice(PriceOptions price) => WithRequest(Good.Requests[0] with { Prices = [price] });

    private static Dictionary<string, string> Header(string name, string value) => new() { [name] = value };
}
