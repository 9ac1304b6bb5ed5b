namespace Assay.Avro.Internal;

internal enum JsonKind
{
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// <summary>A JSON value that knows where it stands in its file, so that a mistake in a schema can be shown there.</summary>
/// <remarks>Shared with the source generator, which can load no JSON library of its own.</remarks>
internal sealed class JsonValue(JsonKind kind, string text, int line, int column)
{
    public JsonKind Kind { get; } = kind;

    /// <summary>A string's content, or a number, true, false or null as written.</summary>
    public string Text { get; } = text;

    public List<JsonValue> Items { get; } = [];

    public List<KeyValuePair<string, JsonValue>> Members { get; } = [];

    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>From 1.</summary>
    public int Column { get; } = column;

    /// <summary>The member of that name, or null.</summary>
    public JsonValue? this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, JsonValue> member in Members)
            {
                if (member.Key == name)
                    return member.Value;
            }
            return null;
        }
    }
}
