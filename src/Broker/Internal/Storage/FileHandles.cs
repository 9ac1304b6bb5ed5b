namespace Assay.Broker.Internal.Storage;

/// <summary>
/// Bounds how many files of all logs are open at a time, so that partitions and segments do not cost descriptors. Which to close for another is
/// decided by the clock algorithm: the hand passes over files that were used since it came by last.
/// </summary>
/// <param name="most">The most files that are open at a time.</param>
internal sealed class FileHandles(int most)
{
    private readonly List<DiskFile> _open = [];
    private int _hand;

    /// <summary>Guards opening and closing, not reading and writing.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How many files are open.</summary>
    public int Open
    {
        get
        {
            lock (Gate)
                return _open.Count;
        }
    }

    /// <summary>Takes note of a file that is about to be opened, and closes another where there are too many. The caller holds <see cref="Gate"/>.</summary>
    public void Add(DiskFile file)
    {
        if (_open.Count < most)
        {
            _open.Add(file);
            return;
        }
        while (!_open[_hand].CloseUnlessUsed())
            _hand = (_hand + 1) % _open.Count;
        _open[_hand] = file;
        _hand = (_hand + 1) % _open.Count;
    }

    /// <summary>Forgets a file that was closed for good. The caller holds <see cref="Gate"/>.</summary>
    public void Remove(DiskFile file)
    {
        _open.Remove(file);
        _hand = 0;
    }
}
