namespace Assay.Avro.Internal;

/// <summary>A mistake in a schema's text, with its place. Becomes an <c>AvroException</c> at run time, a compiler error in the generator.</summary>
internal sealed class SchemaException : Exception
{
    public SchemaException(string message, int line, int column)
        : base(message)
    {
        Line = line;
        Column = column;
    }

    public SchemaException(string message, JsonValue at)
        : this(message, at.Line, at.Column)
    {
    }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>From 1.</summary>
    public int Column { get; }
}
