using System.Net;
using System.Text;

namespace Assay.Avro.Tests.Support;

/// <summary>An HTTP server that answers as a test says and remembers what it was asked.</summary>
internal sealed class RegistryStub : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RegistryStub(Func<string, Task<(int Status, string Body)>> answer, int? port = null)
    {
        Url = new Uri($"http://127.0.0.1:{port ?? FreePort.Next()}");
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _running = RunAsync(answer);
    }

    public Uri Url { get; }

    /// <summary>E.g. <c>GET /schemas/ids/1</c>.</summary>
    public List<string> Requests { get; } = [];

    public List<string?> Authorizations { get; } = [];

    public static RegistryStub Answering(int status, string body) => new(_ => Task.FromResult((status, body)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Close();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(Func<string, Task<(int Status, string Body)>> answer)
    {
        List<Task> open = [];
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                string request = $"{context.Request.HttpMethod} {context.Request.Url!.PathAndQuery}";
                lock (Requests)
                {
                    Requests.Add(request);
                    Authorizations.Add(context.Request.Headers["Authorization"]);
                }
                open.Add(AnswerAsync(context, answer(request)));
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context, Task<(int Status, string Body)> answer)
    {
        try
        {
            (int status, string body) = await answer.WaitAsync(_stop.Token);
            context.Response.StatusCode = status;
            context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went away, or the test is over.
        }
    }
}
