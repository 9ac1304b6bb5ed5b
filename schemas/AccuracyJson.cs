using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Assay.Schemas;

/// <summary>The JSON form of <see cref="Accuracy"/>, the value of <see cref="Topics.Accuracy"/> (semantics: Accuracy).</summary>
/// <remarks>
/// One line of UTF-8; the fields in the record's order, in snake_case. Decimals stand plainly, never in exponent form and without trailing
/// zeros; times are ISO-8601 with three decimals and a <c>Z</c>. What a retracted record no longer has is null, the sources among it.
/// </remarks>
public static class AccuracyJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // The topic is read by people: 'ü' and '+' stay what they are. What ends a JSON string is still escaped.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Appends the record.</summary>
    public static void Write(Accuracy record, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter json = new(output, Compact);
        json.WriteStartObject();
        json.WriteString("id"u8, record.Id);
        json.WriteString("pair"u8, record.Pair);
        json.WriteString("feed"u8, record.Feed);
        json.WriteNumber("chain_id"u8, record.ChainId);
        json.WriteString("trigger"u8, Name(record.Trigger));
        Write(json, "at"u8, record.At);
        json.WriteNumber("revision"u8, record.Revision);
        json.WriteString("status"u8, Name(record.Status));
        Write(json, "contract_price"u8, record.ContractPrice);
        json.WriteString("round_id"u8, record.RoundId);
        Write(json, "answer_updated_at"u8, record.AnswerUpdatedAt);
        Write(json, "answer_age_ms"u8, record.AnswerAgeMs);
        Write(json, "average"u8, record.Average);
        Write(json, "window_start"u8, record.WindowStart);
        Write(json, "window_end"u8, record.WindowEnd);
        json.WritePropertyName("sources"u8);
        WriteSources(json, record.Sources);
        Write(json, "dispersion_pct"u8, record.DispersionPct);
        Write(json, "deviation_pct"u8, record.DeviationPct);
        json.WriteEndObject();
    }

    /// <summary>Reads one record. Every field must be there, once, with its type; a field it does not know is a newer writer's and is skipped.</summary>
    /// <exception cref="FormatException">The bytes are not such a record; the message names the field and what is wrong with it.</exception>
    public static Accuracy Read(ReadOnlySpan<byte> utf8) => new AccuracyJsonReader(utf8).Read();

    /// <summary>The <c>sources</c> object alone: what stands in the database's column. Null where there are none.</summary>
    public static void WriteSources(IReadOnlyList<KeyValuePair<string, SourcePrice>> sources, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter json = new(output, Compact);
        WriteSources(json, sources);
    }

    /// <summary>The word for a trigger: <c>window</c> or <c>answer</c>.</summary>
    public static string Name(AccuracyTrigger trigger) => trigger switch
    {
        AccuracyTrigger.Window => "window",
        AccuracyTrigger.Answer => "answer",
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "No such trigger."),
    };

    /// <summary>The word for a status: <c>ok</c>, <c>deviating</c>, <c>stale</c> or <c>retracted</c>.</summary>
    public static string Name(AccuracyStatus status) => status switch
    {
        AccuracyStatus.Ok => "ok",
        AccuracyStatus.Deviating => "deviating",
        AccuracyStatus.Stale => "stale",
        AccuracyStatus.Retracted => "retracted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status."),
    };

    internal static DateTime? ParseTime(string text) =>
        DateTime.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? time
            : null;

    private static void WriteSources(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, SourcePrice>> sources)
    {
        if (sources.Count == 0)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        foreach ((string name, SourcePrice source) in sources)
        {
            json.WriteStartObject(name);
            Write(json, "price"u8, source.Price);
            json.WriteNumber("quotes"u8, source.Quotes);
            Write(json, "age_ms"u8, source.AgeMs);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime? time)
    {
        if (time is not { } moment)
        {
            json.WriteNull(name);
            return;
        }
        Span<byte> text = stackalloc byte[24];
        moment.TryFormat(text, out int written, TimeFormat, CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, decimal? number)
    {
        if (number is not { } value)
        {
            json.WriteNull(name);
            return;
        }
        // A sign, 29 digits, a point and a leading zero; the formatter prints a decimal's whole scale and never an exponent.
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(value, text, out int written);
        text = text[..written];
        if (text.Contains((byte)'.'))
            text = text.TrimEnd((byte)'0').TrimEnd((byte)'.');
        json.WritePropertyName(name);
        json.WriteRawValue(text is [(byte)'-', (byte)'0'] ? "0"u8 : text, skipInputValidation: true);
    }
}
