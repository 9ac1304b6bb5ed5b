namespace Assay.Streams.Internal.Dsl;

/// <summary>Where a record stands that has met none yet.</summary>
internal readonly record struct UnmatchedKey<TKey>(long Timestamp, bool IsLeft, TKey Key);

/// <summary>Its value; null on the side that it is not from.</summary>
internal readonly record struct Unmatched<TLeft, TRight>(TLeft Left, TRight Right);

/// <summary>The records of a left or outer join that have met none yet, in order of time: each goes out once, when stream time has closed its window (rule 15), or is taken
/// out when it is met. Records with one key, time and side meet the same others, so they stand together.</summary>
/// <remarks>All state is in the store, so a restart goes on where the commit was.</remarks>
internal sealed class UnmatchedRecords<TKey, TLeft, TRight> where TKey : notnull
{
    // No record has these times, so their keys are compared with none.
    private static readonly UnmatchedKey<TKey> First = new(long.MinValue, IsLeft: false, default!);
    private static readonly UnmatchedKey<TKey> Last = new(long.MaxValue, IsLeft: true, default!);

    private readonly IKeyValueStore<UnmatchedKey<TKey>, List<Unmatched<TLeft, TRight>>> _store;
    private readonly long _leftLife;
    private readonly long _rightLife;

    /// <summary>Before stream time is there, none closes.</summary>
    private long _nextClose = long.MinValue;

    public UnmatchedRecords(IKeyValueStore<UnmatchedKey<TKey>, List<Unmatched<TLeft, TRight>>> store, long leftLife, long rightLife)
    {
        _store = store;
        _leftLife = leftLife;
        _rightLife = rightLife;
    }

    public void Add(UnmatchedKey<TKey> key, Unmatched<TLeft, TRight> value)
    {
        if (!_store.TryGet(key, out List<Unmatched<TLeft, TRight>>? together))
            together = [];
        together.Add(value);
        _store.Put(key, together);
        _nextClose = Math.Min(_nextClose, ClosesAt(key));
    }

    public void Met(UnmatchedKey<TKey> key) => _store.Delete(key);

    /// <summary>Takes out what is closed, in order of time, right before left and by key where times are equal.</summary>
    public void Close(long streamTime, Action<UnmatchedKey<TKey>, Unmatched<TLeft, TRight>> closed)
    {
        if (streamTime < _nextClose)
            return;
        long shorter = Math.Min(_leftLife, _rightLife), longer = Math.Max(_leftLife, _rightLife);
        long next = long.MaxValue;
        foreach ((UnmatchedKey<TKey> key, List<Unmatched<TLeft, TRight>> together) in _store.Range(First, Last))
        {
            if (key.Timestamp + shorter >= streamTime)
            {
                // From here on all are open; those of the side with the shorter life may follow.
                next = Math.Min(next, key.Timestamp + shorter + 1);
                break;
            }
            long closes = ClosesAt(key);
            if (closes > streamTime)
            {
                next = Math.Min(next, closes);
                continue;
            }
            _store.Delete(key);
            foreach (Unmatched<TLeft, TRight> value in together)
                closed(key, value);
        }
        _nextClose = next;
    }

    /// <summary>The stream time that has passed its life.</summary>
    private long ClosesAt(UnmatchedKey<TKey> key) => key.Timestamp + (key.IsLeft ? _leftLife : _rightLife) + 1;
}
