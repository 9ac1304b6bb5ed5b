using System.Text.Encodings.Web;
using System.Text.Json;

namespace Assay.Broker.Registry;

/// <summary>How the registry writes JSON: on one line, with nothing escaped that need not be, as Confluent's does.</summary>
internal static class JsonText
{
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
