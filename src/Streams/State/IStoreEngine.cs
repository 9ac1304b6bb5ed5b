using System.Buffers;

namespace Assay.Streams;

/// <summary>An embedded database for stores that outgrow memory: set as <see cref="StreamsOptions.StoreEngine"/>, every store of an application is kept in it.</summary>
/// <remarks>Shared by all stream threads, so it must be safe to use from several at once; a database is written by one thread at a time, and
/// meanwhile read by others, each cursor by one at a time. Whatever fails throws a <see cref="StoreEngineException"/>.</remarks>
public interface IStoreEngine
{
    /// <summary>Names the folders of its databases below a task's: what another engine wrote is never opened.</summary>
    string Name { get; }

    /// <summary>Opens the database in a folder that is there, and makes one where the folder is empty.</summary>
    IStoreDatabase Open(string folder);
}

/// <summary>Keys and values as bytes, ordered by the keys' bytes. Disposing it writes what is in memory, so that the next start is quick.</summary>
/// <remarks>
/// A batch is written whole or not at all, and batches in their order: after the process was killed at any point, or the machine, the database holds what it held after
/// some batch, at the latest the last; a kill of the process alone loses none. A database that cannot tell so says that it is corrupt, and is restored.
/// </remarks>
public interface IStoreDatabase : IDisposable
{
    /// <summary>Appends a key's value to <paramref name="value"/>; false where there is none.</summary>
    bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> value);

    /// <summary>A cursor over what the database holds now.</summary>
    IStoreCursor OpenCursor();

    IStoreBatch CreateBatch();

    /// <summary>Writes a batch and empties it.</summary>
    void Write(IStoreBatch batch);
}

/// <summary>Changes that are written together, in their order.</summary>
public interface IStoreBatch : IDisposable
{
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    void Delete(ReadOnlySpan<byte> key);
}

/// <summary>A place among the keys. <see cref="Key"/> and <see cref="Value"/> hold until it moves, and only after a move that gave true.</summary>
public interface IStoreCursor : IDisposable
{
    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }

    /// <summary>Moves to the first key ≥ <paramref name="key"/>; false where there is none.</summary>
    bool SeekFrom(ReadOnlySpan<byte> key);

    /// <summary>Moves to the last key &lt; <paramref name="key"/>; false where there is none.</summary>
    bool SeekBelow(ReadOnlySpan<byte> key);

    /// <summary>Moves to the next key; false where there is none.</summary>
    bool Next();
}

/// <summary>A database failed.</summary>
/// <param name="message">What the engine says.</param>
/// <param name="corrupt">Whether its files are damaged, so that only a restore from the changelog helps; else the disk is to blame, or the folder's rights.</param>
public sealed class StoreEngineException(string message, bool corrupt) : Exception(message)
{
    public bool Corrupt => corrupt;
}
