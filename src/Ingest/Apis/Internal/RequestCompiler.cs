using System.Text.RegularExpressions;
using Assay.Schemas;

namespace Assay.Ingest.Apis.Internal;

/// <summary>Turns the configured sources into requests, or says in one sentence what is wrong with them.</summary>
internal static partial class RequestCompiler
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestEvery = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(5);

    /// <summary>One list of requests for each source.</summary>
    /// <exception cref="UserException">Names the source and what to mend.</exception>
    public static IReadOnlyList<IReadOnlyList<SourceRequest>> Compile(IReadOnlyList<SourceOptions> sources)
    {
        if (sources.GroupBy(source => source.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UserException($"Two sources are named '{twice.Key}'; a source's name tells its quotes from others', so rename one.");
        return [.. sources.Select(Compile)];
    }

    private static SourceRequest[] Compile(SourceOptions source)
    {
        if (string.IsNullOrWhiteSpace(source.Name))
            throw new UserException("A source has no name; give it one, e.g. 'coingecko'.");
        Require(source.Every >= Shortest && source.Every <= LongestEvery, source, "'every' must lie between 50 ms and a day");
        Require(source.Timeout >= Shortest && source.Timeout <= LongestTimeout, source, "'timeout' must lie between 50 ms and 5 minutes");
        Require(source.MaxAge is null || source.MaxAge > TimeSpan.Zero, source, "'maxAge' must be positive, or absent where any age counts");
        Require(source.Requests.Count > 0, source, "it has no requests; give it at least one");
        if (source.Requests.GroupBy(request => request.EventType).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Wrong(source, $"two of its requests have the event type '{twice.Key}'; give each its own");
        KeyValuePair<string, string>[] headers = [.. source.Headers.Select(header => Header(source, header))];
        return [.. source.Requests.Select(request => Compile(source, request, headers))];
    }

    private static SourceRequest Compile(SourceOptions source, RequestOptions request, KeyValuePair<string, string>[] headers)
    {
        Require(!string.IsNullOrWhiteSpace(request.EventType), source, "one of its requests has no event type; give it one, e.g. 'cg'");
        string where = $"its request '{request.EventType}'";
        Require(request.Url.IsAbsoluteUri && request.Url.Scheme is "http" or "https", source, $"the URL of {where} must begin with http:// or https://");
        Require(request.Prices.Count > 0, source, $"{where} maps no prices; name at least one pair and where its price stands");
        if (request.Prices.GroupBy(price => price.Pair).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Wrong(source, $"{where} maps the pair {twice.Key} twice; one quote has one price");
        string origin = Redaction.Of(request.ShownUrl ?? request.Url.OriginalString);
        return new(source.Name, request.EventType, request.Url, origin, headers, source.Every, source.Timeout, [.. request.Prices.Select(price => Mapping(source, where, price))]);
    }

    private static PriceMapping Mapping(SourceOptions source, string where, PriceOptions price)
    {
        Require(Pair().IsMatch(price.Pair), source, $"{where} maps the pair '{price.Pair}'; a pair is written BASE-QUOTE in capitals, e.g. ETH-USD");
        return new(price.Pair, Pointer(source, where, price.Price), price.Time is null ? null : Pointer(source, where, price.Time));
    }

    private static JsonPointer Pointer(SourceOptions source, string where, string text) =>
        JsonPointer.Parse(text) ?? throw Wrong(source, $"{where} has '{text}', which is no JSON Pointer; write it like /ethereum/usd, with ~1 for a slash in a name");

    private static KeyValuePair<string, string> Header(SourceOptions source, KeyValuePair<string, string> header)
    {
        Require(HeaderName().IsMatch(header.Key), source, $"'{header.Key}' is no name of an HTTP header");
        Require(!header.Value.Any(char.IsControl), source, $"the value of the header {header.Key} holds a line break or another control character");
        using HttpRequestMessage probe = new();
        Require(probe.Headers.TryAddWithoutValidation(header.Key, header.Value), source, $"the header {header.Key} tells of a body, and a GET has none");
        return header;
    }

    private static void Require(bool holds, SourceOptions source, string otherwise)
    {
        if (!holds)
            throw Wrong(source, otherwise);
    }

    private static UserException Wrong(SourceOptions source, string what) => new($"The source '{source.Name}' cannot be used: {what}.");

    [GeneratedRegex(@"^[A-Z0-9]+-[A-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();

    /// <summary>RFC 9110, section 5.6.2: token.</summary>
    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderName();
}
