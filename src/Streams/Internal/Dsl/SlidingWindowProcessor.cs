using System.Buffers;
using System.Runtime.CompilerServices;

namespace Assay.Streams.Internal.Dsl;

/// <summary>Sliding windows: for each record at t there is its left window [t − d, t] and, if it holds a record, its right window [t + 1, t + 1 + d].</summary>
/// <remarks>
/// Only windows that exist are stored, and each one's time is that of its latest record. So of the record before t one knows from the latest window that ends before t
/// (or at t, without a record there), whose time is that record's; and the first window met from above that holds t holds just the records of t's right window, if its time is after t.
/// A record at t
/// <list type="bullet">
/// <item>goes into every stored window that holds t;</item>
/// <item>makes the right window of the record before it, if it is the first one in there;</item>
/// <item>makes its own left window, which begins with what the record before it had in its left one, if that record is in it;</item>
/// <item>makes its own right window of what the windows that hold t have after t.</item>
/// </list>
/// Left windows of t &lt; d would begin before the epoch: those records share the window [0, d].
/// </remarks>
internal sealed class SlidingWindowProcessor<TKey, TValue, TAggregate>(
    string store, SlidingWindows windows, EmitStrategy emit, ISerde<TAggregate> serde, Aggregation<TKey, TValue, TAggregate> aggregation)
    : FixedSizeWindowProcessor<TKey, TValue, TAggregate>(store, emit, windows.TimeDifference, windows.Grace + 1, closeInterval: 1) where TKey : notnull
{
    private readonly ArrayBufferWriter<byte> _copy = new();
    private readonly long _difference = windows.TimeDifference;
    private readonly List<KeyValuePair<long, ValueAndTimestamp<TAggregate>>> _found = [];

    protected override void Add(in Record<TKey, TValue> record)
    {
        if (IsLate(new TimeWindow(record.Timestamp, record.Timestamp + _difference), record.Timestamp))
            return;
        // The last bound finds the record's right window too. A copy, since the windows change on the way.
        _found.Clear();
        _found.AddRange(Store.Fetch(record.Key, Math.Max(0, record.Timestamp - 2 * _difference), record.Timestamp + 1));
        if (record.Timestamp < _difference)
            AddEarly(in record);
        else
            AddToAll(in record);
    }

    /// <summary>From the latest window down, as Kafka Streams does, so that results come out in its order.</summary>
    private void AddToAll(in Record<TKey, TValue> record)
    {
        long time = record.Timestamp;
        ValueAndTimestamp<TAggregate>? left = null, right = null;
        bool hasLeft = false, hasRight = false;
        long before = -1;
        for (int i = _found.Count - 1; i >= 0; i--)
        {
            (long start, ValueAndTimestamp<TAggregate> value) = _found[i];
            long end = start + _difference;
            if (start == time + 1)
            {
                hasRight = true;
            }
            else if (end > time)
            {
                right ??= value.Timestamp > time ? Copy(value) : value;
                Extend(start, value, in record);
            }
            else if (end == time)
            {
                hasLeft = true;
                Extend(start, value, in record);
                // Another record of this time was here before: all windows are there.
                if (value.Timestamp == time)
                    return;
                before = value.Timestamp;
            }
            else
            {
                left = hasLeft ? value : Copy(value);
                before = value.Timestamp;
                break;
            }
        }
        // Where it ends with the record it is that one's left window too, which comes next.
        if (before >= 0 && before + 1 + _difference > time)
            CreateRightOfPrevious(before, in record);
        if (!hasLeft)
        {
            if (before >= time - _difference && left is { } known)
                Extend(time - _difference, new ValueAndTimestamp<TAggregate>(known.Value, time), in record, isNew: true);
            else
                Create(time - _difference, in record);
        }
        if (!hasRight)
            CreateRight(right, in record);
    }

    private void AddEarly(in Record<TKey, TValue> record)
    {
        long time = record.Timestamp;
        ValueAndTimestamp<TAggregate>? combined = null, right = null;
        bool hasRight = false;
        long before = -1;
        foreach ((long start, ValueAndTimestamp<TAggregate> value) in _found)
        {
            if (start == 0)
            {
                combined = value;
                if (value.Timestamp < time)
                    before = value.Timestamp;
            }
            else if (start <= time)
            {
                right = value.Timestamp > time ? Copy(value) : value;
                Extend(start, value, in record);
            }
            else
            {
                hasRight = true;
            }
        }
        // With nothing between, all that the shared window holds is after the record.
        if (right is null && combined is { } shared && shared.Timestamp > time)
            right = Copy(shared);
        if (!hasRight)
            CreateRight(right, in record);
        if (before >= 0)
            CreateRightOfPrevious(before, in record);
        if (combined is { } existing)
            Extend(0, existing, in record);
        else
            Create(0, in record);
    }

    private void CreateRightOfPrevious(long before, in Record<TKey, TValue> record)
    {
        foreach ((long start, _) in _found)
        {
            if (start == before + 1)
                return;
        }
        Create(before + 1, in record);
    }

    /// <summary>What is after the record makes its right window; the record itself is not in it.</summary>
    private void CreateRight(ValueAndTimestamp<TAggregate>? after, in Record<TKey, TValue> record)
    {
        if (after is not { } value || value.Timestamp <= record.Timestamp)
            return;
        Windowed<TKey> key = Key(record.Timestamp + 1, in record);
        Keep(new Record<Windowed<TKey>, Change<TAggregate>>(key, new Change<TAggregate>(value.Value, default!, HasOld: false), value.Timestamp, record.Headers));
    }

    private void Create(long start, in Record<TKey, TValue> record)
    {
        Windowed<TKey> key = Key(start, in record);
        if (!IsLate(key.Window, record.Timestamp))
            Set(key, aggregation.First(record.Key, record.Value), record.Timestamp, default, in record);
    }

    private void Extend(long start, ValueAndTimestamp<TAggregate> old, in Record<TKey, TValue> record, bool isNew = false)
    {
        Windowed<TKey> key = Key(start, in record);
        if (!IsLate(key.Window, record.Timestamp))
            Set(key, aggregation.Next(record.Key, record.Value, old.Value), Math.Max(old.Timestamp, record.Timestamp), isNew ? null : old, in record);
    }

    private void Set(Windowed<TKey> key, TAggregate result, long timestamp, ValueAndTimestamp<TAggregate>? old, in Record<TKey, TValue> record)
    {
        Change<TAggregate> change = new(result, old is { } known ? known.Value : default!, old is not null);
        Keep(new Record<Windowed<TKey>, Change<TAggregate>>(key, change, timestamp, record.Headers));
    }

    private Windowed<TKey> Key(long start, in Record<TKey, TValue> record) => new(record.Key, new TimeWindow(start, start + _difference));

    /// <summary>One window's aggregate for the beginning of another's: an object that is changed in place must not be in both.</summary>
    private ValueAndTimestamp<TAggregate> Copy(ValueAndTimestamp<TAggregate> value)
    {
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<TAggregate>() || typeof(TAggregate) == typeof(string))
            return value;
        _copy.ResetWrittenCount();
        serde.Serialize(value.Value, _copy, new SerdeContext("", IsKey: false));
        return value with { Value = serde.Deserialize(_copy.WrittenSpan, new SerdeContext("", IsKey: false)) };
    }
}
