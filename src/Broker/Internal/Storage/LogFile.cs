namespace Assay.Broker.Internal.Storage;

/// <summary>
/// Bytes that grow at their end: on disk, or in memory for brokers without a folder. One writer at a time; readers may read what was appended
/// before at any moment, also while more is appended. Whoever uses it after it was deleted or closed gets an <see cref="ObjectDisposedException"/>.
/// </summary>
internal abstract class LogFile : IDisposable
{
    public abstract long Length { get; }

    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Fills <paramref name="into"/> from <paramref name="position"/> on; returns how many bytes there were.</summary>
    public abstract int Read(long position, Span<byte> into);

    public abstract void Truncate(long length);

    /// <summary>Waits until the operating system has put everything on the disk itself.</summary>
    public abstract void Flush();

    /// <summary>Gives the file another path, where it replaces what is there.</summary>
    public abstract void Rename(string path);

    public abstract void Delete();

    public abstract void Dispose();
}
