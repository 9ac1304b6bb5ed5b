using Assay.Streams.Internal;
using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.State;
using Assay.Streams.RocksDb;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Tests.State;

/// <summary>Where a test's stores are kept.</summary>
internal abstract class StoreBackend : IDisposable
{
    public const string Topic = "app-s-changelog";

    /// <summary>Moved on by the test.</summary>
    public Clock Clock { get; } = new();

    protected virtual StateDirectory? State => null;

    /// <summary>Builds and opens a store of task 0_0.</summary>
    public ManagedStore Open(StoreBuilder builder)
    {
        ManagedStore store = builder.Build(new StoreContext(new TaskId(0, 0), Topic, Clock, State, () => { }));
        store.Persistence?.Open("topic");
        store.Persistence?.RestoredTo(store.Persistence.Position ?? 0);
        return store;
    }

    public abstract void Dispose();
}

internal sealed class MemoryBackend : StoreBackend
{
    public override void Dispose()
    {
    }
}

internal sealed class RocksDbBackend : StoreBackend
{
    private readonly TemporaryFolder _folder = new();
    private readonly RocksDbEngine _engine = new(memoryMegabytes: 8);

    public RocksDbBackend()
    {
        State = StateDirectory.For(
            new StreamsOptions { ApplicationId = "app", Client = new ClientConfig(), StoreEngine = _engine, StateDir = _folder["state"] }, TimeProvider.System, NullLogger.Instance)!;
        State.Open([]);
    }

    protected override StateDirectory State { get; }

    public override void Dispose()
    {
        State.Dispose();
        _engine.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A changelog that keeps what it is given.</summary>
internal sealed class KeptChangelog : IChangelog
{
    private readonly List<(byte[]? Key, byte[]? Value, long Timestamp)> _records = [];

    public int Count => _records.Count;

    public void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged)
    {
        acknowledged?.Invoke(_records.Count);
        _records.Add((key.ToArray(), value.ToArray(), timestamp ?? 0));
    }

    /// <summary>Fills a store from its position on; gives how many records that took.</summary>
    public int Restore(ManagedStore store)
    {
        int from = (int)(store.Persistence?.Position ?? 0);
        foreach ((byte[]? key, byte[]? value, long timestamp) in _records.Skip(from))
            store.Restore(RawBytes.Of(key), RawBytes.Of(value), timestamp);
        store.Persistence?.RestoredTo(_records.Count);
        return _records.Count - from;
    }
}
