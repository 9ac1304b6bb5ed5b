namespace Assay.Streams;

/// <summary>A store can't be queried: there is none of that name and type, or it is not here or not readable now; the message says which.</summary>
public sealed class InvalidStateStoreException : StreamsException
{
    public InvalidStateStoreException(string message) : base(message)
    {
    }
}
