using System.Diagnostics.CodeAnalysis;

namespace Assay.Streams.Internal.State;

/// <summary>Keys in order, in a row of sorted blocks: insert, remove and seek cost one binary search over blocks, one within, and a
/// move of at most a block. An enumeration survives changes: it goes on after the key it gave last.</summary>
internal sealed class SortedKeys<TKey>(IComparer<TKey> order) where TKey : notnull
{
    private const int BlockSize = 128;
    private readonly List<List<TKey>> _blocks = [];
    private int _version;

    /// <summary>Starts with some keys, in any order.</summary>
    public SortedKeys(IComparer<TKey> order, IEnumerable<TKey> keys) : this(order)
    {
        List<TKey> sorted = [.. keys];
        sorted.Sort(order);
        for (int i = 0; i < sorted.Count; i += BlockSize)
            _blocks.Add(sorted.GetRange(i, Math.Min(BlockSize, sorted.Count - i)));
    }

    public void Add(TKey key)
    {
        _version++;
        if (_blocks.Count == 0)
        {
            _blocks.Add([key]);
            return;
        }
        int at = BlockOf(key);
        List<TKey> block = _blocks[at];
        // Times mostly come in order.
        int found = order.Compare(block[^1], key) < 0 ? ~block.Count : block.BinarySearch(key, order);
        if (found >= 0)
            return;
        block.Insert(~found, key);
        if (block.Count > BlockSize)
        {
            // A block that grew at its end is split there, so that keys which arrive in order leave full blocks behind.
            int cut = ~found == BlockSize ? BlockSize : BlockSize / 2;
            _blocks.Insert(at + 1, block.GetRange(cut, block.Count - cut));
            block.RemoveRange(cut, block.Count - cut);
        }
    }

    public void Remove(TKey key)
    {
        if (_blocks.Count == 0)
            return;
        int at = BlockOf(key);
        int found = _blocks[at].BinarySearch(key, order);
        if (found < 0)
            return;
        _version++;
        _blocks[at].RemoveAt(found);
        if (_blocks[at].Count == 0)
            _blocks.RemoveAt(at);
    }

    public IEnumerable<TKey> Range(TKey from, TKey to)
    {
        if (order.Compare(from, to) > 0)
            yield break;
        foreach (TKey key in Ascend(Seek(from, after: false)))
        {
            if (order.Compare(key, to) > 0)
                yield break;
            yield return key;
        }
    }

    /// <summary>The last key from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public bool TryLast(TKey from, TKey to, [MaybeNullWhen(false)] out TKey last)
    {
        (int block, int index) = Seek(to, after: true);
        if (index > 0 && order.Compare(_blocks[block][index - 1], from) >= 0)
        {
            last = _blocks[block][index - 1];
            return true;
        }
        last = default;
        return false;
    }

    /// <summary>The first key ≥ <paramref name="from"/>.</summary>
    public bool TryFrom(TKey from, [MaybeNullWhen(false)] out TKey first)
    {
        (int block, int index) = Seek(from, after: false);
        if (block < _blocks.Count && index >= _blocks[block].Count)
            (block, index) = (block + 1, 0);
        if (block < _blocks.Count)
        {
            first = _blocks[block][index];
            return true;
        }
        first = default;
        return false;
    }

    /// <summary>The last key &lt; <paramref name="bound"/>.</summary>
    public bool TryBelow(TKey bound, [MaybeNullWhen(false)] out TKey last)
    {
        (int block, int index) = Seek(bound, after: false);
        if (index == 0 && block > 0)
            index = _blocks[--block].Count;
        if (index > 0)
        {
            last = _blocks[block][index - 1];
            return true;
        }
        // Of a key before all others the place is the first block's beginning.
        last = default;
        return false;
    }

    public IEnumerable<TKey> All() => Ascend((0, 0));

    private IEnumerable<TKey> Ascend((int Block, int Index) at)
    {
        int version = _version;
        while (true)
        {
            if (at.Block < _blocks.Count && at.Index >= _blocks[at.Block].Count)
                at = (at.Block + 1, 0);
            if (at.Block >= _blocks.Count)
                yield break;
            TKey key = _blocks[at.Block][at.Index];
            yield return key;
            if (version == _version)
            {
                at.Index++;
                continue;
            }
            version = _version;
            at = Seek(key, after: true);
        }
    }

    /// <summary>The place of the first key ≥ <paramref name="key"/>, or &gt; it.</summary>
    private (int Block, int Index) Seek(TKey key, bool after)
    {
        if (_blocks.Count == 0)
            return (0, 0);
        int block = BlockOf(key);
        int found = _blocks[block].BinarySearch(key, order);
        return (block, found < 0 ? ~found : after ? found + 1 : found);
    }

    /// <summary>The last block whose first key is ≤ <paramref name="key"/>, else the first.</summary>
    private int BlockOf(TKey key)
    {
        int low = 0, high = _blocks.Count - 1;
        if (order.Compare(_blocks[high][0], key) <= 0)
            return high;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (order.Compare(_blocks[middle][0], key) <= 0)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}
