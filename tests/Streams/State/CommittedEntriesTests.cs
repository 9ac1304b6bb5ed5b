using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

public sealed class CommittedEntriesTests
{
    [Fact]
    public void Rule27_what_was_published_stays_as_it_was_committed()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        InMemoryKeyValueStore<string, long[]> store = Store();
        SortedDictionary<string, long> model = new(StringComparer.Ordinal);
        List<(IOrderedEntries<string, long[]> Entries, SortedDictionary<string, long> Expected)> published = [];
        for (int commit = 0; commit < 300; commit++)
        {
            for (int i = 0; i < 20; i++)
            {
                string key = $"k{random.Next(200)}";
                if (random.Next(4) == 0)
                {
                    store.Delete(key);
                    model.Remove(key);
                }
                else
                {
                    // Changed in place: what was published before must not change with it.
                    long[] value = store.TryGet(key, out long[]? there) ? there : [0];
                    value[0] += i;
                    store.Put(key, value);
                    model[key] = value[0];
                }
            }
            store.Flush(null);
            if (Committed(store) is { } entries)
                published.Add((entries, new SortedDictionary<string, long>(model, StringComparer.Ordinal)));
        }

        Assert.Equal(300, published.Count);
        foreach ((IOrderedEntries<string, long[]> entries, SortedDictionary<string, long> expected) in published)
        {
            string from = $"k{random.Next(200)}", to = $"k{random.Next(200)}";
            List<KeyValuePair<string, long>> range = [.. expected.Where(entry => string.CompareOrdinal(entry.Key, from) >= 0 && string.CompareOrdinal(entry.Key, to) <= 0)];
            Assert.True(expected.SequenceEqual(entries.All().Select(Plain)), $"seed {seed}");
            Assert.True(range.SequenceEqual(entries.Range(from, to).Select(Plain)), $"seed {seed}: {from} to {to}");
            Assert.Equal(range.Count > 0, entries.TryLast(from, to, out KeyValuePair<string, long[]> last));
            Assert.True(range.Count == 0 || Plain(last).Equals(range[^1]), $"seed {seed}: last from {from} to {to}");
            Assert.Equal(expected.TryGetValue(from, out long there), entries.TryGet(from, out long[]? value));
            Assert.Equal(there, value?[0] ?? 0);
            Assert.Equal(expected.Count, entries.Count);
        }
    }

    [Fact]
    public void Rule27_a_large_store_is_copied_in_steps_and_is_what_was_committed_last()
    {
        InMemoryKeyValueStore<string, long[]> store = Store();
        for (int i = 0; i < 35_000; i++)
            store.Put($"{i:00000}", [i]);
        store.Flush(null);

        int steps = 0;
        IOrderedEntries<string, long[]>? entries;
        for (entries = Committed(store); entries is null; entries = Committed(store))
        {
            // Some of these are copied already, some are not.
            steps++;
            store.Put($"{steps:00000}", [-steps]);
            store.Put($"{34_000 + steps:00000}", [-steps]);
            store.Delete($"{steps + 10:00000}");
            store.Delete($"{34_010 + steps:00000}");
            store.Put($"{steps:00000}-new", [-steps]);
            store.Flush(null);
        }

        Assert.Equal(3, steps);
        Assert.Equal(store.All().Select(Plain), entries.All().Select(Plain));
    }

    [Fact]
    public void Rule27_what_is_not_flushed_is_not_published()
    {
        InMemoryKeyValueStore<string, long[]> store = Store();
        store.Put("k", [1]);
        Assert.Null(Committed(store));
        store.Flush(null);
        Assert.Equal(1, Committed(store)!.All().Single().Value[0]);
        store.Put("k", [2]);
        Assert.Equal(1, Committed(store)!.All().Single().Value[0]);
    }

    private static IOrderedEntries<string, long[]>? Committed(InMemoryKeyValueStore<string, long[]> store) => (IOrderedEntries<string, long[]>?)store.Publish();

    private static InMemoryKeyValueStore<string, long[]> Store() => new("s", "app-s-changelog", new StoreFormat<string, long[]>(Serdes.String, new ArraySerde(), StringComparer.Ordinal));

    private static KeyValuePair<string, long> Plain(KeyValuePair<string, long[]> entry) => new(entry.Key, entry.Value[0]);

    private sealed class ArraySerde : ISerde<long[]>
    {
        public void Serialize(long[] value, System.Buffers.IBufferWriter<byte> to, in SerdeContext context) => Serdes.Long.Serialize(value[0], to, context);

        public long[] Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => [Serdes.Long.Deserialize(bytes, context)];
    }
}
