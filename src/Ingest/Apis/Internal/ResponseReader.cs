using System.Text;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Ingest.Apis.Internal;

/// <summary>What one mapping made of a response: a quote, or why not.</summary>
/// <param name="Pair">Null where the whole response is rejected.</param>
internal sealed record Reading(string? Pair, ApiPrice? Quote, Rejection? Rejection);

/// <param name="Reason">One of <see cref="RejectionReason"/>.</param>
/// <param name="Detail">A sentence's end that says what was found where.</param>
internal sealed record Rejection(string Reason, string Detail);

/// <summary>Reads quotes from a response as its request's mappings say; each mapping stands or falls alone.</summary>
internal static class ResponseReader
{
    /// <summary>How far a source's clock may run ahead of ours.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(60);
    private const int MaxShown = 60;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IReadOnlyList<Reading> Read(SourceRequest request, ReadOnlyMemory<byte> body, DateTime observedAt)
    {
        if (body.Span.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        JsonDocument document;
        string text;
        try
        {
            text = StrictUtf8.GetString(body.Span);
            document = JsonDocument.Parse(body);
        }
        catch (JsonException broken)
        {
            return [new(null, null, new(RejectionReason.BadResponse, $"the response is not JSON: {broken.Message}"))];
        }
        catch (DecoderFallbackException)
        {
            return [new(null, null, new(RejectionReason.BadResponse, "the response is not UTF-8"))];
        }
        using (document)
            return [.. request.Prices.Select(mapping => Read(request, mapping, document.RootElement, text, observedAt))];
    }

    private static Reading Read(SourceRequest request, PriceMapping mapping, JsonElement root, string text, DateTime observedAt)
    {
        Reading Rejected(string reason, string detail) => new(mapping.Pair, null, new(reason, $"{mapping.Pair}: {detail}"));

        if (mapping.Price.Find(root) is not { } found)
            return Rejected(RejectionReason.BadResponse, $"the response has nothing at {mapping.Price}");
        if (found.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            return Rejected(RejectionReason.BadPrice, $"the price at {mapping.Price} is not a number: {Shown(found)}");
        string written = found.ValueKind == JsonValueKind.Number ? found.GetRawText() : found.GetString()!;
        if (!PriceText.TryParse(written, out decimal price, out string problem))
            return Rejected(RejectionReason.BadPrice, $"the price at {mapping.Price} {problem}: {Shown(found)}");

        DateTime? quotedAt = null;
        if (mapping.Time is not null)
        {
            if (mapping.Time.Find(root) is not { } time)
                return Rejected(RejectionReason.BadResponse, $"the response has nothing at {mapping.Time}");
            // A source that has no time just now says null; one that says something else is misread.
            quotedAt = QuotedTime.Parse(time);
            if (quotedAt is null && time.ValueKind != JsonValueKind.Null)
                return Rejected(RejectionReason.BadResponse, $"the time at {mapping.Time} is neither unix time nor ISO-8601: {Shown(time)}");
            if (quotedAt - observedAt > MaxAhead)
                return Rejected(RejectionReason.FutureTime, $"the time at {mapping.Time} is more than {MaxAhead.TotalSeconds:0} s ahead of the clock: {Shown(time)}");
        }
        ApiPrice quote = new()
        {
            Pair = mapping.Pair,
            Source = request.Source,
            EventType = request.EventType,
            Price = price,
            QuotedAt = quotedAt,
            ObservedAt = observedAt,
            Event = text,
        };
        return new(mapping.Pair, quote, null);
    }

    private static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= MaxShown ? text : text[..MaxShown] + "…";
    }
}
