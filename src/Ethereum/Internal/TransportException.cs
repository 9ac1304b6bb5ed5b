namespace Assay.Ethereum.Internal;

/// <summary>Why an endpoint gave no usable answer; the name is what failures are counted by.</summary>
internal enum TransportFailure
{
    Unreachable,
    TimedOut,
    RateLimited,
    BadResponse,
    WrongChain,
}

/// <summary>An endpoint gave no usable answer: another one may, or the same later.</summary>
/// <param name="reason">Completes "it does not serve: …", without URL or secrets.</param>
/// <param name="retryAfter">What the endpoint itself asked for.</param>
internal sealed class TransportException(TransportFailure failure, string reason, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(reason, cause)
{
    public TransportFailure Failure { get; } = failure;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
