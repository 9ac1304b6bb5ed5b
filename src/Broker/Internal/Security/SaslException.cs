namespace Assay.Broker.Internal.Security;

/// <summary>A client did not prove who it is. The message is for the broker's log and names no secret.</summary>
internal sealed class SaslException(string message) : Exception(message);
