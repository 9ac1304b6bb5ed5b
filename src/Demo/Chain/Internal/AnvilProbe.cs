using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Assay.Demo.Chain.Internal;

/// <summary>Asks a starting node whether it answers yet; many times in a row, without the pauses and log lines that a failing endpoint rightly gets.</summary>
internal sealed class AnvilProbe(int port) : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);
    private readonly HttpClient _client = new() { Timeout = Bound };

    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using StringContent request = new("""{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}""", new MediaTypeHeaderValue("application/json"));
        try
        {
            using HttpResponseMessage response = await _client.PostAsync(new Uri($"http://127.0.0.1:{port}"), request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
