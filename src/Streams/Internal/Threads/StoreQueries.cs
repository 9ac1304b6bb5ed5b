using System.Collections.Immutable;

namespace Assay.Streams.Internal.Threads;

/// <summary>Which stores an application's queries want to read, and how they learn that a thread has published.</summary>
/// <remarks>Nobody waits for a reader: a thread puts what it has committed into a field, and readers take what is there.</remarks>
internal sealed class StoreQueries
{
    private ImmutableHashSet<string> _wanted = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private volatile TaskCompletionSource _next = New();
    private volatile int _waiting;

    public ImmutableHashSet<string> Wanted => Volatile.Read(ref _wanted);

    public void Want(string store) => ImmutableInterlocked.Update(ref _wanted, static (wanted, store) => wanted.Add(store), store);

    /// <summary>A thread has published.</summary>
    public void Published()
    {
        if (_waiting > 0)
            Interlocked.Exchange(ref _next, New()).TrySetResult();
    }

    /// <summary>Tries again after each publication until it succeeds; false where <paramref name="timeout"/> passes before.</summary>
    public bool WaitUntil(Func<bool> isReady, TimeSpan timeout, TimeProvider clock)
    {
        long started = clock.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task next = _next.Task;
                if (isReady())
                    return true;
                TimeSpan left = timeout - clock.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    return false;
                next.WaitAsync(left, clock).ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a thread's tasks hold as of its last commit.</summary>
/// <param name="Tasks">Of the tasks that run, the wanted stores that are copied.</param>
/// <param name="IsWhole">Whether all tasks of the thread run.</param>
internal sealed record PublishedStores(IReadOnlyDictionary<TaskId, IReadOnlyDictionary<string, object>> Tasks, bool IsWhole);
