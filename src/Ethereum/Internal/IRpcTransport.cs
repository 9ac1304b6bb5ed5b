using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Ethereum.Internal;

/// <summary>Carries JSON-RPC requests to one endpoint.</summary>
internal interface IRpcTransport : IAsyncDisposable
{
    /// <returns>The response's result.</returns>
    /// <exception cref="TransportException">No usable answer.</exception>
    /// <exception cref="RpcResponseException">The node answered with an error.</exception>
    Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancellationToken);
}
