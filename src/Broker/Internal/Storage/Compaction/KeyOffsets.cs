using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Assay.Broker.Internal.Storage.Compaction;

/// <summary>
/// The newest offset of each key that a pass of compaction has seen, in a table of fixed size: 24 bytes a slot, whatever the keys' lengths. A key is known by
/// 16 bytes of its SHA-256, so that two keys are taken for one less likely than the memory errs. When it is full the pass ends where it is, and the next one goes on.
/// </summary>
/// <param name="mostKeys">The most keys that it holds.</param>
internal sealed class KeyOffsets(int mostKeys)
{
    private readonly (ulong High, ulong Low, long OffsetPlusOne)[] _slots = new (ulong, ulong, long)[mostKeys + mostKeys / 3 + 1];
    private int _count;

    /// <summary>All keys up to this offset are in the table; −1: none.</summary>
    public long LatestOffset { get; set; } = -1;

    /// <summary>Takes note of a record; false: it has a new key and there is no room.</summary>
    public bool TryPut(ReadOnlySpan<byte> key, long offset)
    {
        ref (ulong High, ulong Low, long OffsetPlusOne) slot = ref Slot(key);
        if (slot.OffsetPlusOne == 0 && _count == mostKeys)
            return false;
        if (slot.OffsetPlusOne == 0)
            _count++;
        slot.OffsetPlusOne = offset + 1;
        return true;
    }

    /// <summary>The newest offset of a key; −1: it was not seen.</summary>
    public long Find(ReadOnlySpan<byte> key) => Slot(key).OffsetPlusOne - 1;

    /// <summary>The key's slot, or the empty one that it would get.</summary>
    private ref (ulong High, ulong Low, long OffsetPlusOne) Slot(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        int at = (int)(high % (ulong)_slots.Length);
        while (_slots[at].OffsetPlusOne != 0 && (_slots[at].High != high || _slots[at].Low != low))
            at = at + 1 == _slots.Length ? 0 : at + 1;
        _slots[at].High = high;
        _slots[at].Low = low;
        return ref _slots[at];
    }
}
