using System.Text.Json;
using Assay.Cli.Internal;

namespace Assay.Cli.Demo;

/// <summary>Where a running demo can be reached.</summary>
/// <param name="Kafka"><c>host:port</c>.</param>
/// <param name="Database"><c>postgresql://…</c>, with its password.</param>
internal sealed record Endpoints(string Kafka, Uri Registry, Uri Chain, Uri Market, Uri Database)
{
    /// <summary>Writes the addresses as JSON, in one step, readable by its owner alone.</summary>
    public void Write(string path) => PrivateFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("kafka", Kafka);
        json.WriteString("registry", Plain(Registry));
        json.WriteString("chain", Plain(Chain));
        json.WriteString("market", Plain(Market));
        json.WriteString("database", Database.OriginalString);
        json.WriteEndObject();
    });

    /// <summary>An address as people write it: without the slash of an empty path.</summary>
    public static string Plain(Uri url) => url.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
