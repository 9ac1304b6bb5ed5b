using System.Buffers;
using System.Numerics;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Sink.Internal;

/// <summary>The <c>event</c> columns, in the shapes of the original demo (semantics: Tables).</summary>
internal static class EventJson
{
    /// <summary>The log as web3 libraries print it. <c>roundId</c> is the log's own, so the aggregator's: a proxy's id without its phase.</summary>
    public static byte[] Of(ContractPrice log, BigInteger answer, BigInteger round)
    {
        ArrayBufferWriter<byte> output = new(512);
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("args"u8);
            json.WritePropertyName("current"u8);
            json.WriteRawValue(answer.ToString());
            json.WritePropertyName("roundId"u8);
            json.WriteRawValue((log.Proxy is null ? round : round & ulong.MaxValue).ToString());
            json.WriteNumber("updatedAt"u8, new DateTimeOffset(log.UpdatedAt).ToUnixTimeSeconds());
            json.WriteEndObject();
            json.WriteString("event"u8, "AnswerUpdated"u8);
            json.WriteNumber("logIndex"u8, log.LogIndex);
            json.WriteNumber("transactionIndex"u8, log.TransactionIndex);
            json.WriteString("transactionHash"u8, log.TransactionHash);
            json.WriteString("address"u8, log.Aggregator);
            json.WriteString("blockHash"u8, log.BlockHash);
            json.WriteNumber("blockNumber"u8, log.BlockNumber);
            json.WriteString("event_type"u8, log.Feed);
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The response and its <c>event_type</c>, as the last field: of two fields with one name jsonb keeps the last. A response that is no object stands in
    /// the field <c>response</c>. Whether it is JSON at all the database decides.
    /// </summary>
    public static string Of(ApiPrice quote)
    {
        ReadOnlySpan<char> response = quote.Event.AsSpan().Trim();
        string type = $"\"event_type\":\"{JsonEncodedText.Encode(quote.EventType)}\"}}";
        if (response is not ['{', .., '}'])
            return string.Concat("{\"response\":", response, ",", type);
        ReadOnlySpan<char> fields = response[..^1];
        return string.Concat(fields, fields[1..].IsWhiteSpace() ? "" : ",", type);
    }
}
