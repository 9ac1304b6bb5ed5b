namespace Assay.Avro.Internal;

/// <summary>Results of asynchronous requests: one request for each key at a time, a failed one forgotten, the oldest dropped when full.</summary>
internal sealed class SharedCache<TKey, TValue>(int capacity) where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Task<TValue>> _results = [];
    private readonly Queue<TKey> _order = [];

    /// <summary>The known or awaited result, or that of a new request.</summary>
    public Task<TValue> GetAsync(TKey key, Func<TKey, Task<TValue>> request)
    {
        lock (_lock)
        {
            if (_results.TryGetValue(key, out Task<TValue>? known) && !known.IsFaulted && !known.IsCanceled)
                return known;
            if (known is null)
            {
                if (_order.Count >= capacity)
                    _results.Remove(_order.Dequeue());
                _order.Enqueue(key);
            }
            // On another thread, so that nothing of the request runs within the lock.
            return _results[key] = Task.Run(() => request(key));
        }
    }
}
