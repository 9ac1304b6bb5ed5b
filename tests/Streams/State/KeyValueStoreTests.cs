using System.Text;
using Assay.Streams.Internal;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

/// <summary>What a key-value store must do wherever it is kept.</summary>
public abstract class KeyValueStoreTests : IDisposable
{
    private readonly List<StoreBackend> _backends = [];

    public void Dispose()
    {
        foreach (StoreBackend backend in _backends)
            backend.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_range_is_inclusive_and_in_ordinal_order()
    {
        StoreCore<string, long> store = Store();
        foreach (string key in (string[])["b", "a", "Z", "c", "aa"])
            store.Put(key, 1);

        Assert.Equal(["a", "aa", "b"], store.Range("a", "b").Select(entry => entry.Key));
        Assert.Equal(["Z", "a", "aa", "b", "c"], store.All().Select(entry => entry.Key));
        Assert.Empty(store.Range("x", "b"));
        Assert.Equal(["a", "aa"], store.PrefixScan("a").Select(entry => entry.Key));
    }

    [Fact]
    public void A_range_survives_changes_under_it()
    {
        StoreCore<string, long> store = Store();
        for (int i = 0; i < 1000; i++)
            store.Put($"{i:0000}", i);

        List<long> seen = [];
        foreach ((string key, long value) in store.All())
        {
            seen.Add(value);
            store.Delete(key);
            store.Delete($"{value + 1:0000}");
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(i => i * 2L), seen);
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_flush_writes_each_changed_key_once_with_its_last_state()
    {
        StoreCore<string, long> store = Store();
        store.Put("kept", 1);
        store.Put("gone", 1);
        Flush(store);

        store.Put("kept", 2);
        store.Put("kept", 3);
        store.Delete("gone");
        store.Put("new", 1);
        store.Delete("new");
        store.Put("new", 7);

        Assert.Equal(["kept=3", "gone=null", "new=7"], Flush(store));
        Assert.Empty(Flush(store));
    }

    [Fact]
    public void A_value_that_changes_after_its_put_is_written_as_it_is_at_the_flush()
    {
        StoreBackend backend = Backend();
        _backends.Add(backend);
        StoreCore<string, byte[]> store = (StoreCore<string, byte[]>)backend.Open(Stores.KeyValueStore("s", Serdes.String, Serdes.ByteArray));
        KeptChangelog changelog = new();
        byte[] value = [1];
        store.Put("k", value);
        int flushes = store.Flushes;

        value[0] = 2;
        Assert.Equal(flushes, store.Flushes);
        store.Flush(changelog);

        Assert.Equal(flushes + 1, store.Flushes);
        using StoreBackend other = Backend();
        StoreCore<string, byte[]> restored = (StoreCore<string, byte[]>)other.Open(Stores.KeyValueStore("s", Serdes.String, Serdes.ByteArray));
        changelog.Restore(restored);
        Assert.Equal([2], restored.Get("k"));
    }

    [Fact]
    public void A_store_restored_from_its_changelog_equals_the_first()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        StoreCore<string, long> store = Store(), restored = Store();
        SortedDictionary<string, long> model = new(StringComparer.Ordinal);
        Replay replay = new(restored);
        for (int i = 0; i < 20_000; i++)
        {
            string key = $"k{random.Next(500)}";
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(key), store.Delete(key));
            }
            else
            {
                store.Put(key, i);
                model[key] = i;
            }
            if (random.Next(50) == 0)
            {
                store.Flush(replay);
                store.Persistence?.Committed();
                restored.Persistence?.RestoredTo(i);
                string from = $"k{random.Next(500)}", to = $"k{random.Next(500)}";
                List<KeyValuePair<string, long>> expected = [.. model.Where(entry => string.CompareOrdinal(entry.Key, from) >= 0 && string.CompareOrdinal(entry.Key, to) <= 0)];
                Assert.True(expected.SequenceEqual(store.Range(from, to)), $"seed {seed}: range {from}..{to} after {i} changes");
                Assert.True(model.SequenceEqual(restored.All()), $"seed {seed}: restored after {i} changes");
                Assert.Equal(model.Count, restored.Count);
            }
        }
    }

    private protected abstract StoreBackend Backend();

    private StoreCore<string, long> Store()
    {
        StoreBackend backend = Backend();
        _backends.Add(backend);
        return (StoreCore<string, long>)backend.Open(Stores.KeyValueStore("s", Serdes.String, Serdes.Long));
    }

    private static List<string> Flush(ManagedStore store)
    {
        Recording recording = new();
        store.Flush(recording);
        store.Persistence?.Committed();
        return recording.Written;
    }

    private sealed class Recording : IChangelog
    {
        public List<string> Written { get; } = [];

        public void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged) =>
            Written.Add($"{Encoding.UTF8.GetString(key.Span)}={(value.IsNull ? "null" : Serdes.Long.Deserialize(value.Span, default).ToString())}");
    }

    private sealed class Replay(ManagedStore to) : IChangelog
    {
        public void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged) => to.Restore(key, value, timestamp ?? 0);
    }
}

public sealed class InMemoryKeyValueStoreTests : KeyValueStoreTests
{
    private protected override StoreBackend Backend() => new MemoryBackend();
}

public sealed class RocksDbKeyValueStoreTests : KeyValueStoreTests
{
    private protected override StoreBackend Backend() => new RocksDbBackend();
}
