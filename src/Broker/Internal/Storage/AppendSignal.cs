namespace Assay.Broker.Internal.Storage;

/// <summary>Lets a fetch wait for appends to any of several partitions without polling them.</summary>
internal sealed class AppendSignal
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource<bool>> _waiting = [];

    public void Add(TaskCompletionSource<bool> waiter)
    {
        lock (_gate)
            _waiting.Add(waiter);
    }

    public void Remove(TaskCompletionSource<bool> waiter)
    {
        lock (_gate)
            _waiting.Remove(waiter);
    }

    /// <summary>Wakes all who wait. They are removed by themselves.</summary>
    public void Set()
    {
        if (_waiting.Count == 0)
            return;
        lock (_gate)
            foreach (TaskCompletionSource<bool> waiter in _waiting)
                waiter.TrySetResult(true);
    }
}
