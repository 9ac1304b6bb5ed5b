namespace Assay.Ethereum;

/// <summary>Something went wrong between this process and a chain; the message is one complete sentence without secrets.</summary>
public class EthereumException : Exception
{
    public EthereumException(string message)
        : base(message)
    {
    }

    public EthereumException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>A node understood the request and answered with a JSON-RPC error.</summary>
/// <param name="method">The method that was called.</param>
/// <param name="code">JSON-RPC 2.0 §5.1, and what nodes add to it.</param>
/// <param name="reason">The node's own words.</param>
public sealed class RpcResponseException(string method, long code, string reason)
    : EthereumException($"The node refused {method}: {reason} (JSON-RPC error {code}).")
{
    public long Code { get; } = code;

    public string Reason { get; } = reason;
}

/// <summary>No endpoint of a chain serves at the moment; trying again later may help.</summary>
/// <param name="message">Names each endpoint and why it does not serve.</param>
/// <param name="retryAfter">When the first of them will be tried again.</param>
public sealed class EndpointsUnavailableException(string message, TimeSpan retryAfter) : EthereumException(message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>Every endpoint of a chain serves another chain: the configuration is wrong.</summary>
public sealed class WrongChainException(string message) : EthereumException(message);
