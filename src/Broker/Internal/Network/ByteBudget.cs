namespace Assay.Broker.Internal.Network;

/// <summary>A number of bytes that all connections share; who wants more than is left waits in turn, or takes less.</summary>
internal sealed class ByteBudget(long bytes)
{
    /// <summary>The part of what is left that one share may be, so that the next ones find something too.</summary>
    private const int ShareOfRest = 4;

    private readonly Lock _gate = new();
    private readonly Queue<(long Wanted, TaskCompletionSource Turn)> _waiting = [];
    private long _left = bytes;

    /// <summary>The largest amount that can be asked for.</summary>
    public long Whole { get; } = bytes;

    /// <summary>What nobody has now; below 0 where the least of many shares is more than there was.</summary>
    public long Left
    {
        get
        {
            lock (_gate)
                return _left;
        }
    }

    /// <summary>Somebody waits.</summary>
    public bool IsShort
    {
        get
        {
            lock (_gate)
                return _waiting.Count > 0;
        }
    }

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

    /// <summary>Takes what is wanted at once, or as much less as the scarcity asks for; never less than <paramref name="least"/>.</summary>
    public int TakeShare(int wanted, int least)
    {
        lock (_gate)
        {
            int taken = (int)Math.Min(wanted, Math.Max(least, _left / ShareOfRest));
            _left -= taken;
            return taken;
        }
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

    private async Task WaitAsync(TaskCompletionSource turn, CancellationToken ct)
    {
        // Who gives up may have stood before others for whom there is enough.
        await using CancellationTokenRegistration registration = ct.Register(() =>
        {
            if (turn.TrySetCanceled(ct))
                Release(0);
        });
        await turn.Task;
    }
}
