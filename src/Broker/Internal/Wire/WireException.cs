namespace Assay.Broker.Internal.Wire;

/// <summary>A frame that is not what the protocol says; the connection that sent it is closed.</summary>
internal sealed class WireException(string message) : Exception(message);
