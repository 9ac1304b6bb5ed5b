using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.Persistence;

namespace Assay.Streams.Internal.State;

internal sealed class WindowStoreBuilder<TKey, TValue> : StoreBuilder where TKey : notnull
{
    private readonly long _retention;
    private readonly bool _retainDuplicates;
    private readonly StoreFormat<WindowKey<TKey>, TValue> _format;

    public WindowStoreBuilder(string name, long retention, long size, bool retainDuplicates, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) : base(name)
    {
        if (size < 1)
            throw new StreamsException($"Store '{name}' keeps windows of {size} ms: their size must be a millisecond or more.");
        if (retention < size)
            throw new StreamsException($"Store '{name}' retains windows for {retention} ms: it must be at least their size, {size} ms.");
        _retention = retention;
        Size = size;
        _retainDuplicates = retainDuplicates;
        IComparer<TKey> keys = KeyOrder.Of(keySerde);
        _format = new StoreFormat<WindowKey<TKey>, TValue>(new WindowKeySerde<TKey>(keySerde), valueSerde, Comparer<WindowKey<TKey>>.Create((x, y) =>
        {
            int order = keys.Compare(x.Key, y.Key);
            if (order == 0)
                order = x.Start.CompareTo(y.Start);
            return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
        }))
        { Layout = KeyLayout.Of(keySerde, suffix: sizeof(long) + sizeof(int)), Time = static key => key.Start };
    }

    public long Size { get; }

    public StoreFormat<WindowKey<TKey>, TValue> Format => _format;

    internal override string Description => $"a window store of {typeof(TKey)} and {typeof(TValue)}";

    internal override ManagedStore Build(StoreContext context) =>
        new WindowStore<TKey, TValue>(Core(context, _format), context.Clock, _retention, Size, _retainDuplicates);
}

/// <summary>Windows by key, start and sequence number. What stream time has passed by the retention can't be read any more at once, and is deleted at the next flush.</summary>
/// <remarks>An expired window gets a tombstone: were it left to the topic's own retention, that would go by the wall clock and delete open windows of recorded data.
/// The next sequence number is one more than the last that is there, so it goes on after a restore (rule 22).</remarks>
internal sealed class WindowStore<TKey, TValue> : ManagedStore, IWindowStore<TKey, TValue> where TKey : notnull
{
    private readonly StoreCore<WindowKey<TKey>, TValue> _core;
    private readonly WindowReader<TKey, TValue> _reader;
    private readonly IStreamClock _clock;
    private readonly long _retention;
    private readonly bool _retainDuplicates;

    public WindowStore(StoreCore<WindowKey<TKey>, TValue> core, IStreamClock clock, long retention, long size, bool retainDuplicates) : base(core.Name, core.ChangelogTopic)
    {
        _core = core;
        _reader = new WindowReader<TKey, TValue>(core.Name, core, size, () => OldestKept);
        _clock = clock;
        _retention = retention;
        _retainDuplicates = retainDuplicates;
    }

    private long OldestKept => _clock.StreamTime - _retention + 1;

    public void Put(TKey key, TValue? value, long windowStart)
    {
        if (windowStart < OldestKept)
            return;
        WindowKey<TKey> first = new(key, windowStart, 0);
        if (!_retainDuplicates)
            _core.Put(first, value);
        else if (value is not null)
            _core.Put(_core.TryGet(first, out _) ? first with { Sequence = LastSequence(first) + 1 } : first, value);
    }

    public bool Delete(TKey key, long windowStart) => _core.Delete(new WindowKey<TKey>(key, windowStart, 0));

    public TValue? Fetch(TKey key, long time) => _reader.Fetch(key, time);

    public bool TryFetch(TKey key, long time, [MaybeNullWhen(false)] out TValue value) => _reader.TryFetch(key, time, out value);

    public IEnumerable<KeyValuePair<long, TValue>> Fetch(TKey key, long from, long to) => _reader.Fetch(key, from, to);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> Fetch(TKey keyFrom, TKey keyTo, long from, long to) => _reader.Fetch(keyFrom, keyTo, from, to);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchAll(long from, long to) => _reader.FetchAll(from, to);

    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> All() => _reader.All();

    /// <summary>Like <see cref="FetchAll"/>, with what has expired since the last flush: for operators that give their windows' results as those close.</summary>
    public IEnumerable<KeyValuePair<Windowed<TKey>, TValue>> FetchStored(long from, long to) => _reader.FetchStored(from, to);

    public override IPersistentStore? Persistence => _core.Persistence;

    public override void Restore(RawBytes key, RawBytes value, long timestamp) => _core.Restore(key, value, timestamp);

    public override void Flush(IChangelog? changelog)
    {
        foreach ((WindowKey<TKey> key, _) in _core.RangeByTime(long.MinValue, OldestKept - 1))
            _core.Delete(key);
        _core.Flush(changelog);
    }

    public override object? Publish() => _core.Publish();

    private int LastSequence(WindowKey<TKey> first)
    {
        _core.TryLast(first, first with { Sequence = int.MaxValue }, out KeyValuePair<WindowKey<TKey>, TValue> last);
        return last.Key.Sequence;
    }
}
