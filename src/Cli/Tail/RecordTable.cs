using System.Globalization;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Cli.Tail;

/// <summary>Aligned lines for people: the fields of a topic that tell the most, in fixed columns, each line complete in itself.</summary>
internal sealed class RecordTable
{
    private static readonly Dictionary<string, Column[]> Layouts = new()
    {
        [Topics.Accuracy] =
        [
            new("at", 24), new("feed", 10), new("trigger", 7), new("status", 9), new("contract_price", 14, Right: true), new("average", 14, Right: true, Digits: 6),
            new("deviation_pct", 13, Right: true), new("answer_age_ms", 13, Right: true), new("revision", 8, Right: true),
        ],
        [Topics.Contracts] =
        [
            new("updated_at", 24), new("feed", 10), new("price", 16, Right: true), new("round_id", 22, Right: true), new("block_number", 12, Right: true), new("removed", 7),
        ],
        [Topics.Apis] = [new("observed_at", 24), new("pair", 10), new("source", 12), new("price", 16, Right: true, Digits: 8), new("quoted_at", 24), new("event_type", 12)],
        [Topics.DeadLetters] = [new("rejected_at", 24), new("stage", 9), new("reason", 13), new("origin", 28), new("detail", 0)],
    };

    private static readonly Column[] Other = [new("timestamp", 24), new("partition", 9, Right: true), new("offset", 10, Right: true), new("key", 20), new("value", 0)];

    private static readonly Column[] Letters = [new("rejected_at", 24), new("state", 6), new("stage", 9), new("reason", 15), new("origin", 28), new("detail", 0)];

    private readonly Column[] _columns;
    private readonly bool _colours;

    public RecordTable(string topic, bool colours)
        : this(Layouts.GetValueOrDefault(topic, Other), colours)
    {
    }

    private RecordTable(Column[] columns, bool colours)
    {
        _columns = columns;
        _colours = colours;
    }

    /// <summary>Dead letters with what became of them.</summary>
    public static RecordTable OfLetters(bool colours) => new(Letters, colours);

    /// <param name="Name">The field, and the column's head.</param>
    /// <param name="Width">0: the last column, as wide as it comes.</param>
    /// <param name="Right">Whether it is aligned at its right end, as numbers are.</param>
    /// <param name="Digits">Decimals beyond these are rounded away; null: all stand.</param>
    private sealed record Column(string Name, int Width, bool Right = false, int? Digits = null);

    public string Head() => string.Join("  ", _columns.Select(column => Pad(column.Name, column))).TrimEnd();

    public string Line(TailedRecord record)
    {
        if (record.Problem is { } problem)
            return Coloured($"not decodable: {problem}", Red);
        // A record of another shape than the topic's usual one is shown whole.
        return record.Value.ValueKind == JsonValueKind.Object && record.Value.TryGetProperty(_columns[0].Name, out _)
            ? string.Join("  ", _columns.Select(column => Cell(record.Value, column))).TrimEnd()
            : record.Json;
    }

    private string Cell(JsonElement record, Column column)
    {
        string text = record.TryGetProperty(column.Name, out JsonElement value) ? Text(value, column) : "";
        string padded = Pad(text, column);
        return column.Name != "status" ? padded : text switch
        {
            "ok" => Coloured(padded, Green),
            "deviating" => Coloured(padded, Red),
            "stale" => Coloured(padded, Yellow),
            _ => padded,
        };
    }

    private static string Text(JsonElement value, Column column) => value.ValueKind switch
    {
        JsonValueKind.Null => "-",
        JsonValueKind.Number when column.Digits is { } digits && value.TryGetDecimal(out decimal number) => PlainDecimal.Of(Math.Round(number, digits)),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.GetRawText().ToString(CultureInfo.InvariantCulture),
    };

    private static string Pad(string text, Column column) => column.Right ? text.PadLeft(column.Width) : text.PadRight(column.Width);

    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;

    private string Coloured(string text, int colour) => _colours ? $"\e[{colour}m{text}\e[0m" : text;
}
