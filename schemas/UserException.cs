namespace Assay.Schemas;

/// <summary>A failure that a person must mend; the message is the whole plain sentence: what, where, and the mend.</summary>
public sealed class UserException : Exception
{
    public UserException(string message)
        : base(message)
    {
    }

    public UserException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
