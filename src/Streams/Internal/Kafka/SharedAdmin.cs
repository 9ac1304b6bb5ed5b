using Confluent.Kafka;

namespace Assay.Streams.Internal.Kafka;

/// <summary>An admin client that several threads use, and that outlives its disposal until the last request to it is answered: Confluent.Kafka's frees its queue while requests may
/// still be made, and the process with it.</summary>
internal sealed class SharedAdmin(IAdminClient client) : IDisposable
{
    private readonly Lock _lock = new();
    private int _users;
    private bool _disposed;

    /// <exception cref="ObjectDisposedException">It was disposed before the request began.</exception>
    public async Task<T> Ask<T>(Func<IAdminClient, Task<T>> request)
    {
        Enter();
        try
        {
            return await request(client);
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc cref="Ask{T}(Func{IAdminClient, Task{T}})"/>
    public Task Ask(Func<IAdminClient, Task> request) => Ask(async admin =>
    {
        await request(admin);
        return true;
    });

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_users > 0)
                return;
        }
        client.Dispose();
    }

    private void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _users++;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_users > 0 || !_disposed)
                return;
        }
        // Not on the client's own thread, which may be the one that brought the answer.
        _ = Task.Run(client.Dispose);
    }
}
