using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

/// <summary>Every kind of store in RocksDB reads as the same store in memory does, whatever was done to both: through commits, closing and opening, and restores.</summary>
public sealed class StoreKindsTests
{
    private const int Steps = 2_000;
    private static readonly string[] Keys = ["", "a", "a\0", "a\0b", "ab", "b", "\uFF21", "\U0001F600", "z"];

    [Fact]
    public void Key_value_stores_read_alike() => Compare<IKeyValueStore<string, string>>(
        Stores.KeyValueStore("s", Serdes.String, Serdes.String),
        (store, random, _) =>
        {
            if (random.Next(4) == 0)
                return [$"{store.Delete(Key(random))}"];
            store.Put(Key(random), $"{random.Next(100)}");
            return [];
        },
        (store, random) => [$"{store.Get(Key(random))}", $"{store.Count}", .. Text(store.All()), .. Text(store.Range(Key(random), Key(random))), .. Text(store.PrefixScan(Key(random)))]);

    [Fact]
    public void Numbers_as_keys_are_in_numeric_order() => Compare<IKeyValueStore<long, long>>(
        Stores.KeyValueStore("s", Serdes.Long, Serdes.Long),
        (store, random, _) =>
        {
            store.Put(random.Next(-50, 50), random.Next());
            return [];
        },
        (store, random) => [.. Text(store.All()), .. Text(store.Range(random.Next(-50, 50), random.Next(-50, 50)))]);

    [Fact]
    public void Tables_keep_each_values_time() => Compare<IKeyValueStore<string, ValueAndTimestamp<string>>>(
        Stores.TimestampedKeyValueStore("s", Serdes.String, Serdes.String),
        (store, random, time) =>
        {
            store.Put(Key(random), new ValueAndTimestamp<string>($"{random.Next(100)}", time));
            return [];
        },
        (store, random) => Text(store.All()));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Window_stores_read_alike(bool duplicates) => Compare<IWindowStore<string, string>>(
        Stores.WindowStore("s", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(10), duplicates, Serdes.String, Serdes.String),
        (store, random, time) =>
        {
            store.Put(Key(random), random.Next(5) == 0 ? null : $"{random.Next(100)}", Math.Max(time - random.Next(220), 0));
            return [];
        },
        (store, random) =>
        {
            long from = random.Next(4_000), to = from + random.Next(400);
            return [$"{store.Fetch(Key(random), from)}", .. Text(store.Fetch(Key(random), from, to)), .. Text(store.Fetch(Key(random), Key(random), from, to)), .. Text(store.FetchAll(from, to)), .. Text(store.All())];
        });

    [Fact]
    public void Session_stores_read_alike() => Compare<ISessionStore<string, string>>(
        Stores.SessionStore("s", TimeSpan.FromMilliseconds(200), Serdes.String, Serdes.String),
        (store, random, time) =>
        {
            long start = Math.Max(time - random.Next(220), 0);
            Windowed<string> session = new(Key(random), new TimeWindow(start, start + random.Next(20)));
            if (random.Next(4) == 0)
                return [$"{store.Remove(session)}"];
            store.Put(session, $"{random.Next(100)}");
            return [];
        },
        (store, random) =>
        {
            long from = random.Next(4_000), to = from + random.Next(400);
            return [.. Text(store.Fetch(Key(random))), .. Text(store.Fetch(Key(random), Key(random))), .. Text(store.FindSessions(Key(random), from, to))];
        });

    [Fact]
    public void Versioned_stores_read_alike() => Compare<IVersionedKeyValueStore<string, string>>(
        Stores.VersionedKeyValueStore("s", TimeSpan.FromMilliseconds(200), Serdes.String, Serdes.String),
        (store, random, time) =>
        {
            if (random.Next(6) == 0)
                return [$"{store.Delete(Key(random), time)}"];
            return [$"{store.Put(Key(random), $"{random.Next(100)}", Math.Max(time - random.Next(220), 0))}"];
        },
        (store, random) =>
        {
            // Older versions than the history holds may be there or not, depending on the last commit; restores bring some back.
            long time = random.Next(4_000);
            return [$"{store.Get(Key(random))}", .. store.Get(Key(random), time, long.MaxValue).Where(version => version.ValidTo is null).Select(version => $"{version}")];
        });

    private static string Key(Random random) => Keys[random.Next(Keys.Length)];

    private static List<string> Text<T>(IEnumerable<T> entries) => [.. entries.Select(entry => $"{entry}")];

    private static void Compare<TStore>(
        StoreBuilder builder, Func<TStore, Random, long, IReadOnlyList<string>> change, Func<TStore, Random, IReadOnlyList<string>> read) where TStore : class
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        using MemoryBackend memory = new();
        using RocksDbBackend disk = new();
        KeptChangelog inMemory = new(), onDisk = new();
        ManagedStore expected = memory.Open(builder), actual = disk.Open(builder);
        for (int step = 0; step < Steps; step++)
        {
            memory.Clock.StreamTime = disk.Clock.StreamTime = Math.Max(memory.Clock.StreamTime, step);
            int what = random.Next(), changes = random.Next();
            Same(change((TStore)(object)expected, new Random(changes), step), change((TStore)(object)actual, new Random(changes), step), "change");
            Same(read((TStore)(object)expected, new Random(changes)), read((TStore)(object)actual, new Random(changes)), "read");
            if (what % 20 == 0)
            {
                expected.Flush(inMemory);
                actual.Flush(onDisk);
                Same([$"{inMemory.Count}"], [$"{onDisk.Count}"], "changelog");
                Same(read((TStore)(object)expected, new Random(changes)), read((TStore)(object)actual, new Random(changes)), "read between flush and commit");
                actual.Persistence!.Committed();
                Same(read((TStore)(object)expected, new Random(changes)), read((TStore)(object)actual, new Random(changes)), "read after commit");
                if (what % 200 == 0)
                {
                    actual.Persistence.Close();
                    actual = disk.Open(builder);
                    Same([$"{onDisk.Count}"], [$"{actual.Persistence!.Position}"], "position after opening");
                }
                if (what % 500 == 0)
                {
                    actual.Persistence.Wipe("of the test");
                    onDisk.Restore(actual);
                    expected = memory.Open(builder);
                    inMemory.Restore(expected);
                }
                Same(read((TStore)(object)expected, new Random(changes)), read((TStore)(object)actual, new Random(changes)), "read after opening");
            }

            void Same(IReadOnlyList<string> one, IReadOnlyList<string> other, string what) =>
                Assert.True(one.SequenceEqual(other), $"seed {seed}, step {step}, {what}: expected [{string.Join(", ", one)}], RocksDB has [{string.Join(", ", other)}]");
        }
        actual.Persistence!.Close();
    }
}
