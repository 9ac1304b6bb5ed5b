namespace Assay.Avro.Registry;

/// <summary>The schema registry did not answer, or refused. The message is a complete sentence without secrets.</summary>
public sealed class SchemaRegistryException : Exception
{
    public SchemaRegistryException(string message, int errorCode, bool isTransient, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorCode = errorCode;
        IsTransient = isTransient;
    }

    /// <summary>Confluent's code, e.g. 40401 for an unknown subject, 409 for an incompatible schema; 0 where there was no answer.</summary>
    public int ErrorCode { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient { get; }
}
