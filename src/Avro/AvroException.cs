namespace Assay.Avro;

/// <summary>Bytes that are not what their schema says, a value that its schema cannot hold, a schema that is none, or two schemas that do not resolve.</summary>
/// <remarks>The message is a complete sentence that names the field's path where there is one.</remarks>
public sealed class AvroException : Exception
{
    public AvroException(string message)
        : base(message)
    {
    }

    public AvroException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failure at a place in the data; which field stands there is found out by <see cref="Internal.Diagnosis"/>.</summary>
    internal AvroException(int position, string what)
        : base($"The Avro data is wrong at byte {position}: {what}.")
    {
        Position = position;
        What = what;
    }

    /// <summary>Where in the data, from 0; -1 where the fault is not in data.</summary>
    internal int Position { get; } = -1;

    internal string What { get; } = "";
}
