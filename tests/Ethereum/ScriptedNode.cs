using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Assay.Ethereum.Tests;

/// <summary>An HTTP server that answers JSON-RPC as a test tells it: the misbehaviour that no healthy node shows.</summary>
public sealed class ScriptedNode : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly CancellationTokenSource _stopping = new();

    public ScriptedNode()
    {
        int port = FreePort.Next();
        Uri = new Uri($"http://127.0.0.1:{port}/v3/secret-key");
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>With a secret in its path, as hosted nodes have.</summary>
    public Uri Uri { get; }

    /// <summary>The methods that were called, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public string ChainId { get; set; } = "0x1";

    /// <summary>The result of a method; throws <see cref="RpcErrorException"/> for a JSON-RPC error. eth_chainId is answered by itself.</summary>
    public Func<string, JsonArray, JsonNode?> Answer { get; set; } = (_, _) => "0x7b";

    /// <summary>Replaces the whole answer: status, body, Retry-After.</summary>
    public Func<(int Status, string Body, string? RetryAfter)>? Break { get; set; }

    public bool Silent { get; set; }

    public int Count(string method) => Calls.Count(call => call == method);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = RespondAsync(await _listener.GetContextAsync());
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task RespondAsync(HttpListenerContext context)
    {
        try
        {
            JsonNode request = (await JsonNode.ParseAsync(context.Request.InputStream))!;
            string method = request["method"]!.GetValue<string>();
            Calls.Enqueue(method);
            if (Silent)
                await Task.Delay(Timeout.InfiniteTimeSpan, _stopping.Token);
            (int status, string body, string? retryAfter) = Break?.Invoke() ?? (200, Respond(request, method), null);
            context.Response.StatusCode = status;
            if (retryAfter is not null)
                context.Response.Headers["Retry-After"] = retryAfter;
            await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // The client is gone, or we are.
        }
    }

    private string Respond(JsonNode request, string method)
    {
        JsonObject response = new() { ["jsonrpc"] = "2.0", ["id"] = request["id"]!.DeepClone() };
        try
        {
            response["result"] = method == "eth_chainId" ? ChainId : Answer(method, request["params"]!.AsArray());
        }
        catch (RpcErrorException error)
        {
            response["error"] = new JsonObject { ["code"] = error.Code, ["message"] = error.Message };
        }
        return response.ToJsonString();
    }
}

/// <summary>A JSON-RPC error that a <see cref="ScriptedNode"/> answers with.</summary>
public sealed class RpcErrorException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
