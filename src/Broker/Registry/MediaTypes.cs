using Microsoft.Net.Http.Headers;

namespace Assay.Broker.Registry;

/// <summary>Which content types Confluent's registry takes and gives (https://docs.confluent.io/platform/current/schema-registry/develop/api.html#content-types).</summary>
internal static class MediaTypes
{
    /// <summary>What an answer may be, what is preferred first.</summary>
    private static readonly string[] Given = ["application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json"];

    private static readonly string[] Taken = [.. Given, "application/octet-stream"];

    /// <summary>What an error is where nothing else is acceptable.</summary>
    public static string Default => Given[0];

    /// <summary>The answer's type under a request's Accept header.</summary>
    /// <exception cref="RegistryException">It accepts none that there is.</exception>
    public static string Answer(IEnumerable<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out IList<MediaTypeHeaderValue>? ranges) || ranges.Count == 0)
            return Default;
        (string type, double quality) = Given.Select(type => (type, Quality(type, ranges))).MaxBy(choice => choice.Item2);
        return quality > 0 ? type : throw RegistryException.NotAcceptable();
    }

    /// <summary>Checks a body's type; none at all is taken for JSON.</summary>
    /// <exception cref="RegistryException">It is not one that the registry takes, such as a form's.</exception>
    public static void Check(string? contentType)
    {
        if (!string.IsNullOrEmpty(contentType)
            && !(MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type) && Taken.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase)))
            throw RegistryException.UnsupportedMediaType();
    }

    /// <summary>How welcome a type is: what the most exact range that covers it says, 0 where none does.</summary>
    private static double Quality(string type, IEnumerable<MediaTypeHeaderValue> ranges) => ranges
        .Where(range => range.MatchesAllTypes || (range.MatchesAllSubTypes ? range.Type == "application" : range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)))
        .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
        .Select(range => range.Quality ?? 1).FirstOrDefault();
}
