namespace Assay.Broker.Internal.Network;

/// <summary>A number of bytes that all connections share; who wants more than is left waits in turn.</summary>
internal sealed class ByteBudget(long bytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Wanted, TaskCompletionSource Turn)> _waiting = [];
    private long _left = bytes;

    /// <summary>The largest amount that can be asked for.</summary>
    public long Whole { get; } = bytes;

    public Task AcquireAsync(long wanted, CancellationToken ct)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting.Count == 0 && wanted <= _left)
            {
                _left -= wanted;
                return Task.CompletedTask;
            }
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((wanted, turn));
        }
        return WaitAsync(turn, ct);
    }

    public void Release(long acquired)
    {
        lock (_gate)
        {
            _left += acquired;
            while (_waiting.TryPeek(out (long Wanted, TaskCompletionSource Turn) next) && (next.Turn.Task.IsCompleted || next.Wanted <= _left))
            {
                _waiting.Dequeue();
                if (next.Turn.TrySetResult())
                    _left -= next.Wanted;
            }
        }
    }

    private static async Task WaitAsync(TaskCompletionSource turn, CancellationToken ct)
    {
        await using CancellationTokenRegistration registration = ct.Register(() => turn.TrySetCanceled(ct));
        await turn.Task;
    }
}
