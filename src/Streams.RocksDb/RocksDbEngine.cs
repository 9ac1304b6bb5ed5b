using Assay.Streams.RocksDb.Internal;

namespace Assay.Streams.RocksDb;

/// <summary>Keeps stores in RocksDB, the engine that Kafka Streams uses. All databases of one engine share its memory.</summary>
/// <remarks>Writes go to RocksDB's log without waiting for the disk: a killed process loses none, a machine that loses power may lose the last, and they are restored
/// from the changelog. What its databases need stays until the last of them is closed.</remarks>
public sealed class RocksDbEngine : IStoreEngine, IDisposable
{
    private readonly RocksDbOptions _options;
    private bool _disposed;

    /// <param name="memoryMegabytes">For blocks that were read and writes that wait, of all databases together, in MiB. Default 128; at least 8.</param>
    public RocksDbEngine(int memoryMegabytes = 128)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryMegabytes, 8);
        _options = new RocksDbOptions(memoryMegabytes);
    }

    public string Name => "rocksdb";

    public IStoreDatabase Open(string folder) => new RocksDbDatabase(_options.Share(), folder);

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
            _options.Dispose();
    }
}
