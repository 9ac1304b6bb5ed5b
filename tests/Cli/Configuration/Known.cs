using System.Text.Json;
using Assay.Cli.Configuration.Internal;

namespace Assay.Cli.Tests.Configuration;

/// <summary>The keys that the loader, a document and the schema know, in one notation: names that people choose and list positions are a star.</summary>
internal static class Known
{
    private static readonly string[] Maps = ["chains", "feeds", "sources", "sources.*.requests.*.prices"];

    /// <summary>By path, the kind that the loader asks for.</summary>
    public static IReadOnlyDictionary<string, string> ByLoader()
    {
        KeyTrace trace = new();
        Configured.Shipped(trace);
        return trace.Kinds;
    }

    /// <summary>The paths of a document's keys; those that people choose (maps, headers) as the star or not at all.</summary>
    public static IEnumerable<string> KeysOf(JsonElement element, string path = "")
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).SelectMany(item => KeysOf(item, $"{path}*."));
        if (element.ValueKind != JsonValueKind.Object || path.EndsWith("headers.", StringComparison.Ordinal))
            return [];
        bool map = Maps.Contains(path.TrimEnd('.'));
        return element.EnumerateObject().SelectMany(member =>
        {
            string key = map ? $"{path}*" : path + member.Name;
            return KeysOf(member.Value, key + ".").Concat(map ? [] : [key]);
        });
    }
}
