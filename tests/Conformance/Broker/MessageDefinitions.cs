using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Conformance.Tests.Broker;

/// <summary>
/// Apache Kafka's own definitions of the protocol's messages: JSON files in its clients' jar, from which its code is generated
/// (https://github.com/apache/kafka/tree/trunk/clients/src/main/resources/common/message).
/// </summary>
internal static class MessageDefinitions
{
    private static readonly Lazy<Dictionary<string, JsonNode>> All = new(Load);

    /// <summary>A definition by its name, e.g. <c>FetchRequest</c>.</summary>
    public static JsonNode Find(string name) => All.Value[name];

    /// <summary>The types on the wire of a message in one version, in order, arrays with one element; "end" ends each structure.</summary>
    public static List<string> Shape(JsonNode message, short version)
    {
        List<string> shape = [];
        Structure(message, message["fields"]!.AsArray(), version, shape);
        return shape;
    }

    /// <summary>Whether a version is in a range such as "3+", "2-7", "4" or "none".</summary>
    public static bool Holds(string? range, short version)
    {
        if (range is null or "none")
            return false;
        string[] ends = range.TrimEnd('+').Split('-');
        return version >= short.Parse(ends[0]) && (range.EndsWith('+') || version <= short.Parse(ends[^1]));
    }

    private static void Structure(JsonNode message, JsonArray fields, short version, List<string> shape)
    {
        foreach (JsonNode? field in fields)
        {
            // Tagged fields stand at the structure's end, where a reader may skip them.
            if (!Holds((string)field!["versions"]!, version) || Holds((string?)field["taggedVersions"], version))
                continue;
            string type = (string)field["type"]!;
            string element = type.TrimStart('[', ']');
            if (type != element)
                shape.Add("array");
            JsonArray? inner = field["fields"]?.AsArray()
                ?? message["commonStructs"]?.AsArray().FirstOrDefault(common => (string)common!["name"]! == element)?["fields"]!.AsArray();
            if (inner is null)
                shape.Add(element);
            else
                Structure(message, inner, version, shape);
        }
        shape.Add("end");
    }

    private static Dictionary<string, JsonNode> Load()
    {
        string libraries = Path.Combine(Path.GetDirectoryName(Foreign.KafkaTool("one-node.sh"))!, "..", "libs");
        using ZipArchive jar = ZipFile.OpenRead(Directory.GetFiles(libraries, "kafka-clients-*.jar").Single());
        return jar.Entries.Where(entry => entry.FullName.StartsWith("common/message/", StringComparison.Ordinal) && entry.Name.EndsWith(".json", StringComparison.Ordinal))
            .ToDictionary(entry => Path.GetFileNameWithoutExtension(entry.Name), Parse);
    }

    private static JsonNode Parse(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        return JsonNode.Parse(stream, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
    }
}
