using System.Globalization;
using Assay.Avro;
using Assay.Avro.Registry;

namespace Assay.Schemas;

/// <summary>The Avro form of <see cref="Accuracy"/>: the value of <see cref="Topics.Accuracy"/> where <c>accuracy.format</c> is <c>avro</c>.</summary>
/// <remarks>Averages and source prices are text: their 28 digits stand where the price has them, which one scale for all prices cannot hold.</remarks>
public static class AccuracyAvro
{
    /// <summary>The record as its schema has it.</summary>
    public static AccuracyRecord ToAvro(Accuracy record) => new()
    {
        Id = record.Id,
        Pair = record.Pair,
        Feed = record.Feed,
        ChainId = record.ChainId,
        Trigger = record.Trigger,
        At = record.At,
        Revision = record.Revision,
        Status = record.Status,
        ContractPrice = record.ContractPrice,
        RoundId = record.RoundId,
        AnswerUpdatedAt = record.AnswerUpdatedAt,
        AnswerAgeMs = record.AnswerAgeMs,
        Average = record.Average is { } average ? Plain(average) : null,
        WindowStart = record.WindowStart,
        WindowEnd = record.WindowEnd,
        Sources = record.Sources.Count == 0 ? null : record.Sources.ToDictionary(
            source => source.Key, source => new SourcePriceRecord { Price = Plain(source.Value.Price), Quotes = source.Value.Quotes, AgeMs = source.Value.AgeMs }),
        DispersionPct = record.DispersionPct,
        DeviationPct = record.DeviationPct,
    };

    /// <summary>What <see cref="ToAvro"/> was given.</summary>
    /// <exception cref="FormatException">A price is not a number.</exception>
    public static Accuracy FromAvro(AccuracyRecord record) => new()
    {
        Id = record.Id,
        Pair = record.Pair,
        Feed = record.Feed,
        ChainId = record.ChainId,
        Trigger = record.Trigger,
        At = record.At,
        Revision = record.Revision,
        Status = record.Status,
        ContractPrice = record.ContractPrice,
        RoundId = record.RoundId,
        AnswerUpdatedAt = record.AnswerUpdatedAt,
        AnswerAgeMs = record.AnswerAgeMs,
        Average = record.Average is { } average ? Number("average", average) : null,
        WindowStart = record.WindowStart,
        WindowEnd = record.WindowEnd,
        Sources = record.Sources is null ? [] :
        [
            .. record.Sources.OrderBy(source => source.Key, StringComparer.Ordinal)
                .Select(source => new KeyValuePair<string, SourcePrice>(
                    source.Key, new SourcePrice(Number($"sources.{source.Key}.price", source.Value.Price), source.Value.Quotes, source.Value.AgeMs))),
        ],
        DispersionPct = record.DispersionPct,
        DeviationPct = record.DeviationPct,
    };

    private static string Plain(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private static decimal Number(string field, string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            ? value
            : throw new FormatException($"An accuracy record's field '{field}' is \"{text}\", which is not a number.");
}

/// <summary>Reads the values of <see cref="Topics.Accuracy"/> in either form; a topic may hold both, of before and after a change of <c>accuracy.format</c>.</summary>
/// <remarks>Used by one thread at a time.</remarks>
public sealed class AccuracyReader(ISchemaRegistryClient registry)
{
    private const byte WireFormat = 0;

    private readonly AvroDeserializer<AccuracyRecord> _avro = new(registry);

    /// <exception cref="FormatException">The bytes are no such record; the message says why.</exception>
    /// <exception cref="AvroException">The bytes are Avro, but no such record.</exception>
    /// <exception cref="SchemaRegistryException">The writer's schema is not known yet and the registry does not answer.</exception>
    public Accuracy Read(ReadOnlySpan<byte> value) => value is [WireFormat, ..] ? AccuracyAvro.FromAvro(_avro.Decode(value)) : AccuracyJson.Read(value);
}
