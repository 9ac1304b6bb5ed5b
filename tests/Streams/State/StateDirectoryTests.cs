using System.Buffers;
using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.State;
using Assay.Streams.RocksDb;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;

namespace Assay.Streams.Tests.State;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RocksDbEngine _engine = new(memoryMegabytes: 8);
    private readonly RecordingLog _log = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly StoreBuilder _counts = Stores.KeyValueStore("counts", Serdes.String, Serdes.Long);

    private string Root => Path.Combine(_folder["state"], "app");

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("""{"format":2,"applicationId":"app","stores":{}}""", "has format 2, and this version reads format 1")]
    [InlineData("""{"format":1,"applicationId":"other","stores":{}}""", "was written by the application 'other'")]
    [InlineData("""{"format":1,"applic""", "has a state.json that cannot be read")]
    [InlineData("""{}""", "has a state.json that cannot be read")]
    public void Rule25_a_state_folder_of_another_kind_is_refused_with_one_sentence(string marker, string because)
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "state.json"), marker);

        StreamsException refused = Assert.Throws<StreamsException>(() => Open(_counts));

        Assert.Equal(
            $"The state folder {Root} {because}: delete it, so that app restores its state from the changelogs, or set StreamsOptions.StateDir to another folder.", refused.Message);
    }

    [Fact]
    public void Rule25_a_store_that_became_another_is_refused_with_one_sentence()
    {
        Open(_counts).Dispose();

        StreamsException refused = Assert.Throws<StreamsException>(
            () => Open(Stores.WindowStore("counts", TimeSpan.FromHours(1), TimeSpan.FromHours(1), false, Serdes.String, Serdes.Long)));

        Assert.Contains("keeps the store 'counts' as a key-value store of System.String and System.Int64, and the topology now has a window store", refused.Message, StringComparison.Ordinal);
        Open(_counts, Stores.KeyValueStore("more", Serdes.String, Serdes.Long)).Dispose();
        Open(_counts).Dispose();
    }

    [Fact]
    public void A_folder_that_is_none_is_refused_with_one_sentence()
    {
        File.WriteAllText(_folder["state"], "a file");

        Assert.StartsWith($"The state folder {Root} cannot be used: ", Assert.Throws<StreamsException>(() => Open(_counts)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_moved_away_is_deleted_after_a_while_and_no_other()
    {
        using StateDirectory state = Open(_counts);
        TaskId moved = new(0, 0), stays = new(0, 1);
        foreach (TaskId task in (TaskId[])[moved, stays])
        {
            Assert.True(state.TryClaim(task));
            state.FolderOf(task, "counts").Open().Dispose();
        }
        Assert.False(state.TryClaim(stays));
        state.Release(moved);
        string foreign = Path.Combine(Root, "notes");
        Directory.CreateDirectory(foreign);

        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.True(Directory.Exists(state.FolderOf(moved)));
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.False(Directory.Exists(state.FolderOf(moved)));
        Assert.True(Directory.Exists(state.FolderOf(stays)));
        Assert.True(Directory.Exists(foreign));
    }

    [Fact]
    public void Rule17_a_store_that_was_written_long_ago_is_restored_in_full()
    {
        using StateDirectory state = Open(_counts);
        Assert.True(state.TryClaim(new TaskId(0, 0)));
        KeptChangelog changelog = new();
        ManagedStore store = Build(state, new TaskId(0, 0));
        changelog.Restore(store);
        ((IKeyValueStore<string, long>)store).Put("a", 1);
        store.Flush(changelog);
        store.Persistence!.Committed();
        store.Persistence.Close();

        _time.Advance(TimeSpan.FromHours(11));
        ManagedStore soon = Build(state, new TaskId(0, 0));
        Assert.Equal(0, changelog.Restore(soon));
        soon.Persistence!.Close();
        _time.Advance(TimeSpan.FromHours(24));
        ManagedStore late = Build(state, new TaskId(0, 0));

        Assert.Equal(1, changelog.Restore(late));
        Assert.Equal(1, ((IKeyValueStore<string, long>)late).Get("a"));
        Assert.Contains("what was deleted since may have left the changelog", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        late.Persistence!.Close();
    }

    [Fact]
    public void A_disk_that_fails_stops_the_application_with_one_sentence()
    {
        using StateDirectory state = Open(new FailingEngine("IO error: No space left on device"), _counts);
        ManagedStore store = Build(state, new TaskId(0, 0));
        ((IKeyValueStore<string, long>)store).Put("a", 1);
        store.Flush(new KeptChangelog());

        StreamsException failure = Assert.Throws<StreamsException>(store.Persistence!.Committed);

        Assert.StartsWith($"Store 'counts' of task 0_0 cannot be kept in {Path.Combine(Root, "0_0", "failing", "counts")}: IO error: No space left on device Make room", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A thread that hangs may come back when the engine is gone, and must find it or an exception, not freed memory.</summary>
    [Fact]
    public void A_database_outlives_its_engine_and_is_an_exception_when_it_is_closed_itself()
    {
        IStoreDatabase database = _engine.Open(_folder["database"]);
        _engine.Dispose();
        using (IStoreBatch batch = database.CreateBatch())
        {
            batch.Put("key"u8, "value"u8);
            database.Write(batch);
        }
        ArrayBufferWriter<byte> value = new();

        Assert.True(database.TryGet("key"u8, value));
        Assert.Equal("value"u8, value.WrittenSpan);
        database.Dispose();
        Assert.Throws<ObjectDisposedException>(() => database.TryGet("key"u8, value));
        Assert.Throws<ObjectDisposedException>(() => database.OpenCursor());
        for (int i = 0; i < 2; i++)
            Assert.Throws<ObjectDisposedException>(() => _engine.Open(_folder["another"]));
    }

    [Fact]
    public void Rule27_a_view_keeps_what_it_saw_and_ends_with_its_store()
    {
        using StateDirectory state = Open(_counts);
        ManagedStore store = Build(state, new TaskId(0, 0));
        IKeyValueStore<string, long> counts = (IKeyValueStore<string, long>)store;
        for (int i = 0; i < 1000; i++)
            counts.Put($"{i:0000}", i);
        store.Flush(new KeptChangelog());
        store.Persistence!.Committed();
        IOrderedEntries<string, long> view = (IOrderedEntries<string, long>)store.Publish()!;
        counts.Delete("0500");
        counts.Put("0001", -1);
        store.Flush(new KeptChangelog());
        store.Persistence.Committed();

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), view.All().Select(entry => entry.Value));
        Assert.Equal([499, 500], view.Range("0499", "0500").Select(entry => entry.Value));
        Assert.True(view.TryLast("0000", "0500x", out KeyValuePair<string, long> last));
        Assert.Equal(500, last.Value);
        Assert.Equal(999, ((IOrderedEntries<string, long>)store.Publish()!).Count);
        store.Persistence.Close();
        Assert.Throws<InvalidStateStoreException>(() => view.TryGet("0001", out _));
    }

    /// <summary>Some hundred megabytes in a few: not for every run.</summary>
    [Theory]
    [InlineData(30_000)]
    [InlineData(600_000, Explicit = true)]
    public void A_store_may_be_larger_than_its_memory(int keys)
    {
        using StateDirectory state = Open(_counts);
        StoreBuilder builder = Stores.KeyValueStore("counts", Serdes.Long, Serdes.ByteArray);
        ManagedStore store = Build(state, new TaskId(0, 0), builder);
        IKeyValueStore<long, byte[]> values = (IKeyValueStore<long, byte[]>)store;
        long before = Environment.WorkingSet;
        for (int key = 0; key < keys; key++)
        {
            values.Put(key, Value(key));
            if (key % 1000 == 999)
            {
                store.Flush(null);
                store.Persistence!.Committed();
            }
        }

        int next = 0;
        foreach ((long key, byte[] value) in values.All())
        {
            Assert.Equal(next, key);
            Assert.Equal(Value(next++), value);
        }
        Assert.Equal(keys, next);
        long grown = (Environment.WorkingSet - before) >> 20, stored = keys / 1024;
        TestContext.Current.TestOutputHelper!.WriteLine($"{stored} MB in the store, the process grew by {grown} MB");
        Assert.True(grown < Math.Max(stored / 3, 150), $"{stored} MB in the store, the process grew by {grown} MB");
        store.Persistence!.Close();

        static byte[] Value(int key)
        {
            byte[] value = new byte[1024];
            new Random(key).NextBytes(value);
            return value;
        }
    }

    private StateDirectory Open(params StoreBuilder[] stores) => Open(_engine, stores);

    private StateDirectory Open(IStoreEngine engine, params StoreBuilder[] stores)
    {
        StateDirectory state = StateDirectory.For(
            new StreamsOptions { ApplicationId = "app", Client = new ClientConfig(), StoreEngine = engine, StateDir = _folder["state"] }, _time, _log)!;
        state.Open(stores);
        return state;
    }

    private ManagedStore Build(StateDirectory state, TaskId task, StoreBuilder? builder = null)
    {
        ManagedStore store = (builder ?? _counts).Build(new StoreContext(task, "app-counts-changelog", new Clock(), state, () => { }));
        store.Persistence!.Open("topic");
        return store;
    }

    /// <summary>An engine that can't write.</summary>
    private sealed class FailingEngine(string error) : IStoreEngine, IStoreDatabase, IStoreBatch
    {
        public string Name => "failing";

        public IStoreDatabase Open(string folder) => this;

        public bool TryGet(ReadOnlySpan<byte> key, System.Buffers.IBufferWriter<byte> value) => false;

        public IStoreCursor OpenCursor() => throw new NotSupportedException();

        public IStoreBatch CreateBatch() => this;

        public void Write(IStoreBatch batch) => throw new StoreEngineException(error, corrupt: false);

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
        }

        public void Delete(ReadOnlySpan<byte> key)
        {
        }

        public void Dispose()
        {
        }
    }
}
