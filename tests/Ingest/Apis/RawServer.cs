using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Assay.Ingest.Apis;

/// <summary>A TCP server that answers an HTTP request as a test pleases, byte by byte; it never behaves unless told to.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, Stream, CancellationToken, Task> _answer;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">Gets the request's head and the connection; the connection closes when it returns.</param>
    public RawServer(Func<string, Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Answers every request with the same text.</summary>
    public RawServer(string response)
        : this(async (_, stream, cancellation) => await stream.WriteAsync(Encoding.UTF8.GetBytes(response), cancellation))
    {
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/price";

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A response with a head of its own and a body of the right length.</summary>
    public static string Response(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                StringBuilder head = new();
                byte[] one = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
                    head.Append((char)one[0]);
                Interlocked.Increment(ref _requests);
                await _answer(head.ToString(), stream, _stop.Token);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // The client went away, which is what some tests are about.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }
}
