using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Assay.Streams.Internal.Persistence;

namespace Assay.Streams.Internal.State;

/// <summary>Entries in order of their keys, to be read: a store as it stands, or what it was at a commit.</summary>
internal interface IOrderedEntries<TKey, TValue> where TKey : notnull
{
    int Count { get; }

    bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value);

    /// <summary>Entries with <paramref name="from"/> ≤ key ≤ <paramref name="to"/> in key order.</summary>
    IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to);

    IEnumerable<KeyValuePair<TKey, TValue>> All();

    /// <summary>The last entry with <paramref name="from"/> ≤ key ≤ <paramref name="to"/>.</summary>
    bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last);

    /// <summary>Entries with <paramref name="from"/> ≤ <see cref="StoreFormat{TKey, TValue}.Time"/> ≤ <paramref name="to"/>, by that time and then in key order.</summary>
    IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to);

    /// <summary>The same entries for several reads that belong together, whatever is committed in between.</summary>
    IOrderedEntries<TKey, TValue> Pin();
}

/// <summary>The ordered map with typed keys that lies under every kind of store. What differs between kinds is the type of its keys and how they are ordered
/// and written, which <see cref="StoreFormat{TKey, TValue}"/> says; window, session and versioned stores are thin views of it.</summary>
/// <remarks>
/// What an implementation owes:
/// <list type="bullet">
/// <item>A get sees every put and delete before it. Ranges tolerate changes meanwhile: keys not yet reached are seen as they then are.</item>
/// <item>Flush writes each key that was put or deleted since the last flush once, with its last state; a deleted key as a tombstone. Where
/// <see cref="StoreFormat{TKey, TValue}.TimestampInRecord"/> holds, dirty entries are written in order of their time, a value that is a tombstone stays an entry, and keys are never deleted but only forgotten.</item>
/// <item>A value serde that is an <see cref="ITimedSerde{TValue}"/> gives the changelog the bytes without the time, and the time as the record's timestamp.</item>
/// <item>What Restore was given from a changelog is what was flushed to it, and clean.</item>
/// <item>A value may be changed in place by whoever put it, who puts it again afterwards: an implementation that gives out the object that was put does no more than
/// mark it dirty, one that keeps bytes takes the bytes at the flush. <see cref="Flushes"/> goes up with each.</item>
/// </list>
/// </remarks>
internal abstract class StoreCore<TKey, TValue>(string name, string changelogTopic) : ManagedStore(name, changelogTopic), IKeyValueStore<TKey, TValue>, IOrderedEntries<TKey, TValue>
    where TKey : notnull
{
    public abstract int Count { get; }

    public int Flushes { get; protected set; }

    public virtual TValue? Get(TKey key) => TryGet(key, out TValue? value) ? value : default;

    public abstract bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value);

    public abstract void Put(TKey key, TValue? value);

    public abstract bool Delete(TKey key);

    /// <summary>Removes a key that is not dirty and that nobody needs any more, without a word to the changelog, which drops it in its own way.</summary>
    public abstract void Forget(TKey key);

    public abstract IEnumerable<KeyValuePair<TKey, TValue>> Range(TKey from, TKey to);

    public abstract IEnumerable<KeyValuePair<TKey, TValue>> All();

    public abstract bool TryLast(TKey from, TKey to, out KeyValuePair<TKey, TValue> last);

    public abstract IEnumerable<KeyValuePair<TKey, TValue>> RangeByTime(long from, long to);

    public IOrderedEntries<TKey, TValue> Pin() => this;
}

/// <summary>How a core's keys and values are ordered and written.</summary>
/// <param name="KeySerde">The whole key. An implementation that orders bytes finds those of one key of the user's beside each other but for keys that begin with it.</param>
/// <param name="ValueSerde">Values.</param>
/// <param name="Order">Of the keys in a range.</param>
internal sealed record StoreFormat<TKey, TValue>(ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde, IComparer<TKey> Order) where TKey : notnull
{
    /// <summary>The time by which entries are found in <see cref="IOrderedEntries{TKey, TValue}.RangeByTime"/>; null: never asked for.</summary>
    public Func<TKey, long>? Time { get; init; }

    /// <summary>Tells values that are written as null, where such ones are entries like others; null: a null in the changelog deletes.</summary>
    public Func<TValue, bool>? IsTombstone { get; init; }

    /// <summary>How keys are laid out as bytes in their order; null: that can't be, the order is somebody's own.</summary>
    public KeyLayout? Layout { get; init; }

    /// <summary>Whether the last eight bytes of the key stand in a changelog record's timestamp instead of in its key.</summary>
    public bool TimestampInRecord => IsTombstone is not null;

    /// <summary>Appends a value as it stands in a store, unlike in a changelog: a first byte tells tombstones where there are such.</summary>
    public void WriteStored(TValue value, IBufferWriter<byte> to, in SerdeContext context)
    {
        if (IsTombstone is { } isTombstone)
        {
            bool exists = !isTombstone(value);
            to.GetSpan(1)[0] = exists ? (byte)1 : (byte)0;
            to.Advance(1);
            if (!exists)
                return;
        }
        ValueSerde.Serialize(value, to, in context);
    }

    public TValue ReadStored(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        if (!TimestampInRecord)
            return ValueSerde.Deserialize(bytes, in context);
        return bytes[0] == 0 ? default! : ValueSerde.Deserialize(bytes[1..], in context);
    }
}
