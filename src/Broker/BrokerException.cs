namespace Assay.Broker;

/// <summary>The broker cannot start or go on, and a person must mend it; the message says what, where and how.</summary>
public sealed class BrokerException : Exception
{
    public BrokerException(string message) : base(message)
    {
    }

    public BrokerException(string message, Exception inner) : base(message, inner)
    {
    }

    public BrokerException()
    {
    }
}
