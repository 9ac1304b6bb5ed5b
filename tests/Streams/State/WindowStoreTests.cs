using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

public sealed class WindowStoreTests
{
    private const int Cases = 300;

    private sealed record Entry(string Key, long Start, long Value, int Number);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rule22_a_window_store_gives_what_the_model_says_over_restarts(bool retainDuplicates)
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
            Run(seed + i, retainDuplicates);
    }

    private static void Run(int seed, bool retainDuplicates)
    {
        Random random = new(seed);
        long size = random.Next(1, 10), retention = size + random.Next(30);
        Clock clock = new();
        Changelog changelog = new(clock);
        StoreBuilder builder = Stores.WindowStore("s", TimeSpan.FromMilliseconds(retention), TimeSpan.FromMilliseconds(size), retainDuplicates, Serdes.String, Serdes.Long);
        ManagedStore managed = builder.Build(clock);
        List<Entry> model = [];
        for (int i = 0; i < 120; i++)
        {
            IWindowStore<string, long> store = (IWindowStore<string, long>)managed;
            clock.StreamTime += random.Next(4) == 0 ? random.Next(8) : 0;
            long time = Math.Max(0, clock.StreamTime - random.Next(40));
            string key = $"k{random.Next(4)}{(random.Next(3) == 0 ? "x" : "")}";
            bool late = time <= clock.StreamTime - retention;
            switch (random.Next(10))
            {
                case < 6:
                    store.Put(key, i, time);
                    if (!late && !retainDuplicates)
                        model.RemoveAll(entry => entry.Key == key && entry.Start == time);
                    if (!late)
                        model.Add(new Entry(key, time, i, i));
                    break;
                case 6 when !retainDuplicates:
                    ((WindowStore<string, long>)managed).Delete(key, time);
                    model.RemoveAll(entry => entry.Key == key && entry.Start == time);
                    break;
                case 7:
                    managed.Flush(changelog);
                    break;
                case 8 when random.Next(3) == 0:
                    if (random.Next(2) == 0)
                        changelog.Compact();
                    managed = builder.Restart(managed, changelog, clock);
                    break;
            }
            model.RemoveAll(entry => entry.Start <= clock.StreamTime - retention);
            if (i % 3 == 0)
                Compare((IWindowStore<string, long>)managed, model, random, size, $"seed {seed}, step {i}");
        }
        managed.Flush(changelog);
        changelog.Compact();
        Assert.True(model.Count == changelog.Records.Count(record => record.Value is not null), $"seed {seed}: the changelog's end");
    }

    private static void Compare(IWindowStore<string, long> store, List<Entry> model, Random random, long size, string where)
    {
        List<Entry> byKey = [.. model.OrderBy(entry => entry.Key, StringComparer.Ordinal).ThenBy(entry => entry.Start).ThenBy(entry => entry.Number)];
        string key = $"k{random.Next(4)}", to = $"k{random.Next(4)}x";
        long early = random.Next(-5, 200), late = early + random.Next(60);
        bool Within(Entry entry) => entry.Start >= early && entry.Start <= late;

        Same(byKey.Where(entry => entry.Key == key && Within(entry)).Select(entry => (entry.Start, entry.Value)), store.Fetch(key, early, late).Select(entry => (entry.Key, entry.Value)), where);
        Same(
            byKey.Where(entry => string.CompareOrdinal(entry.Key, key) >= 0 && string.CompareOrdinal(entry.Key, to) <= 0 && Within(entry)).Select(entry => Shown(entry, size)),
            store.Fetch(key, to, early, late).Select(Shown), where);
        Same(byKey.Where(Within).OrderBy(entry => entry.Start).Select(entry => Shown(entry, size)), store.FetchAll(early, late).Select(Shown), where);
        Same(byKey.OrderBy(entry => entry.Start).Select(entry => Shown(entry, size)), store.All().Select(Shown), where);
        if (byKey.Count == 0)
            return;
        Entry any = byKey[random.Next(byKey.Count)];
        Assert.True(byKey.First(entry => entry.Key == any.Key && entry.Start == any.Start).Value == store.Fetch(any.Key, any.Start), $"{where}: {any}");
        Assert.True(byKey.Exists(entry => entry.Key == key && entry.Start == early) == store.TryFetch(key, early, out _), $"{where}: {key} at {early}");
    }

    [Fact]
    public void Rule22_a_restored_store_goes_on_counting_where_it_stopped()
    {
        Clock clock = new() { StreamTime = 7 };
        Changelog changelog = new(clock);
        StoreBuilder builder = Stores.WindowStore("s", TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(1), retainDuplicates: true, Serdes.String, Serdes.Long);
        ManagedStore first = builder.Build(clock);
        ((IWindowStore<string, long>)first).Put("k", 1, 7);
        ((IWindowStore<string, long>)first).Put("k", 2, 7);

        ManagedStore second = builder.Restart(first, changelog, clock);
        ((IWindowStore<string, long>)second).Put("k", 3, 7);
        second.Flush(changelog);

        Assert.Equal(["6B000000000000000700000000", "6B000000000000000700000001", "6B000000000000000700000002"], changelog.Records.Select(record => Convert.ToHexString(record.Key)));
        Assert.Equal([1, 2, 3], ((IWindowStore<string, long>)second).Fetch("k", 7, 7).Select(entry => entry.Value));
    }

    [Fact]
    public void An_expired_window_cannot_be_read_at_once_and_leaves_memory_and_changelog_at_the_next_flush()
    {
        Clock clock = new() { StreamTime = 0 };
        Changelog changelog = new(clock);
        ManagedStore managed = Stores.TimestampedWindowStore("s", TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(10), false, Serdes.String, Serdes.Long).Build(clock);
        WindowStore<string, ValueAndTimestamp<long>> store = (WindowStore<string, ValueAndTimestamp<long>>)managed;
        for (long time = 0; time < 10_000; time += 10)
        {
            clock.StreamTime = time;
            store.Put("k", new ValueAndTimestamp<long>(time, time + 3), time);
            store.Flush(changelog);
            Assert.True(store.FetchStored(long.MinValue, long.MaxValue).Count() <= 10);
        }
        Assert.Equal([9900], store.Fetch("k", 0, 9900).Select(entry => entry.Key));
        clock.StreamTime = 10_000;
        Assert.Empty(store.Fetch("k", 0, 9900));
        store.Put("k", default, 9900);

        changelog.Compact();

        Assert.Equal(10, changelog.Records.Count(record => record.Value is not null));

        // As Kafka Streams' timestamped stores write it: the value alone, its time as the record's.
        Logged last = changelog.Records.Last(record => record.Value is not null);
        Assert.Equal((9990L, 9993L), (Serdes.Long.Deserialize(last.Value, default), last.Timestamp));
    }

    private static (string, long, long, long) Shown(Entry entry, long size) => (entry.Key, entry.Start, entry.Start + size, entry.Value);

    private static (string, long, long, long) Shown(KeyValuePair<Windowed<string>, long> entry) => (entry.Key.Key, entry.Key.Window.Start, entry.Key.Window.End, entry.Value);

    private static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string where)
    {
        List<T> wanted = [.. expected], got = [.. actual];
        Assert.True(wanted.SequenceEqual(got), $"{where}\nexpected {string.Join(" ", wanted)}\nactual {string.Join(" ", got)}");
    }
}
