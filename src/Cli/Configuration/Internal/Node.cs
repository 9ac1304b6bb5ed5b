namespace Assay.Cli.Configuration.Internal;

/// <summary>Where a value was written, for messages: <c>assay.json:12</c>, <c>environment variable ASSAY__KAFKA__BOOTSTRAP</c>, <c>--set</c>.</summary>
internal sealed record Origin(string Source, int? Line = null)
{
    public override string ToString() => Line is { } line ? $"{Source}:{line}" : Source;
}

/// <summary>A configured value before anyone has asked for its type.</summary>
internal abstract class Node(Origin origin)
{
    public Origin Origin { get; } = origin;
}

internal sealed class ObjectNode(Origin origin) : Node(origin)
{
    /// <summary>In the order of the file.</summary>
    public OrderedDictionary<string, Member> Members { get; } = [];

    /// <param name="KeyOrigin">Where the key stands; the value may begin on a later line.</param>
    internal sealed record Member(Origin KeyOrigin, Node Value);
}

internal sealed class ListNode(Origin origin) : Node(origin)
{
    public List<Node> Items { get; } = [];
}

internal enum ScalarKind
{
    Text,
    Number,
    Boolean,
    Null,
    /// <summary>From the environment or a flag: text that stands for whatever type the key has.</summary>
    Untyped,
}

internal sealed class ScalarNode(Origin origin, ScalarKind kind, string text) : Node(origin)
{
    public ScalarKind Kind { get; } = kind;

    public string Text { get; } = text;
}
