using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Ethereum.Internal;

/// <summary>JSON-RPC 2.0 requests and responses (https://www.jsonrpc.org/specification).</summary>
internal static class RpcMessage
{
    /// <summary>The longest response that is read; nodes themselves stop well before.</summary>
    public const int MaxResponseBytes = 64 << 20;

    public static byte[] Request(long id, string method, JsonArray parameters) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters.DeepClone() });

    /// <exception cref="TransportException">It is not JSON.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object ? root : throw NotRpc($"a JSON {root.ValueKind}");
        }
        catch (JsonException cause)
        {
            throw new TransportException(TransportFailure.BadResponse, "its answer is not JSON", cause: cause);
        }
    }

    /// <summary>The id of a response; null where there is none, as in a notification.</summary>
    public static long? Id(JsonElement message) =>
        message.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long value) ? value : null;

    /// <exception cref="TransportException">It has neither result nor error, or the error asks to slow down.</exception>
    /// <exception cref="RpcResponseException">It is an error.</exception>
    public static JsonElement Result(JsonElement response, string method)
    {
        if (response.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null)
            throw Failure(error, method);
        return response.TryGetProperty("result", out JsonElement result) ? result : throw NotRpc("JSON with neither result nor error");
    }

    /// <summary>The subscription and payload of an <c>eth_subscription</c> notification; null for any other message.</summary>
    public static (string Subscription, JsonElement Result)? Notification(JsonElement message) =>
        message.TryGetProperty("method", out JsonElement method) && method.ValueEquals("eth_subscription")
        && message.TryGetProperty("params", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("subscription", out JsonElement subscription) && subscription.ValueKind == JsonValueKind.String
        && parameters.TryGetProperty("result", out JsonElement result)
            ? (subscription.GetString()!, result)
            : null;

    private static Exception Failure(JsonElement error, string method)
    {
        if (error.ValueKind != JsonValueKind.Object)
            return NotRpc("JSON-RPC with an error that is no object");
        long code = error.TryGetProperty("code", out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out long value) ? value : 0;
        string reason = error.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : "no reason given";
        RpcResponseException failure = new(method, code, reason.Length <= 300 ? reason : reason[..300] + "…");
        return Refusal.IsRateLimit(failure)
            ? new TransportException(TransportFailure.RateLimited, $"it limits the rate (JSON-RPC error {code.ToString(CultureInfo.InvariantCulture)}: {failure.Reason})", cause: failure)
            : failure;
    }

    private static TransportException NotRpc(string found) => new(TransportFailure.BadResponse, $"its answer is {found}, not JSON-RPC 2.0");
}
