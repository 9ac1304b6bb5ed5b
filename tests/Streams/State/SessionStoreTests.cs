using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

public sealed class SessionStoreTests
{
    private const int Cases = 300;

    [Fact]
    public void A_session_store_gives_what_the_model_says_over_restarts()
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
            Run(seed + i);
    }

    private static void Run(int seed)
    {
        Random random = new(seed);
        long retention = random.Next(1, 40);
        Clock clock = new();
        Changelog changelog = new(clock);
        StoreBuilder builder = Stores.SessionStore("s", TimeSpan.FromMilliseconds(retention), Serdes.String, Serdes.Long);
        ManagedStore managed = builder.Build(clock);
        Dictionary<Windowed<string>, long> model = [];
        for (int i = 0; i < 120; i++)
        {
            ISessionStore<string, long> store = (ISessionStore<string, long>)managed;
            clock.StreamTime += random.Next(4) == 0 ? random.Next(8) : 0;
            long end = Math.Max(0, clock.StreamTime - random.Next(40)), start = Math.Max(0, end - random.Next(15));
            Windowed<string> session = new($"k{random.Next(4)}{(random.Next(3) == 0 ? "x" : "")}", new TimeWindow(start, end));
            switch (random.Next(10))
            {
                case < 6:
                    store.Put(session, i);
                    if (end > clock.StreamTime - retention)
                        model[session] = i;
                    break;
                case 6:
                    Windowed<string> removed = model.Count > 0 && random.Next(2) == 0 ? model.Keys.ElementAt(random.Next(model.Count)) : session;
                    bool there = model.Remove(removed);
                    Assert.True(store.Remove(removed) == there || removed.Window.End <= clock.StreamTime - retention, $"seed {seed}, step {i}: removed {removed}");
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
            foreach (Windowed<string> expired in model.Keys.Where(key => key.Window.End <= clock.StreamTime - retention).ToArray())
                model.Remove(expired);
            if (i % 3 == 0)
                Compare((ISessionStore<string, long>)managed, model, random, $"seed {seed}, step {i}");
        }
    }

    private static void Compare(ISessionStore<string, long> store, Dictionary<Windowed<string>, long> model, Random random, string where)
    {
        List<KeyValuePair<Windowed<string>, long>> byKey =
            [.. model.OrderBy(entry => entry.Key.Key, StringComparer.Ordinal).ThenBy(entry => entry.Key.Window.End).ThenBy(entry => entry.Key.Window.Start)];
        string key = $"k{random.Next(4)}", to = $"k{random.Next(4)}x";
        long earliestEnd = random.Next(-5, 200), latestStart = random.Next(-5, 250);

        Same(byKey.Where(entry => entry.Key.Key == key), store.Fetch(key), where);
        Same(byKey.Where(entry => string.CompareOrdinal(entry.Key.Key, key) >= 0 && string.CompareOrdinal(entry.Key.Key, to) <= 0), store.Fetch(key, to), where);
        Same(byKey.Where(entry => entry.Key.Key == key && entry.Key.Window.End >= earliestEnd && entry.Key.Window.Start <= latestStart), store.FindSessions(key, earliestEnd, latestStart), where);
        Same(byKey.OrderBy(entry => entry.Key.Window.End), store.All(), where);
        Assert.True(byKey.TrueForAll(entry => store.FetchSession(entry.Key.Key, entry.Key.Window.Start, entry.Key.Window.End) == entry.Value), where);
        Assert.False(store.TryFetchSession("nobody", 0, 0, out _));
    }

    [Fact]
    public void A_session_stands_in_the_changelog_as_key_end_and_start()
    {
        Clock clock = new() { StreamTime = 9 };
        Changelog changelog = new(clock);
        ManagedStore store = Stores.SessionStore("s", TimeSpan.FromMilliseconds(5), Serdes.String, Serdes.Long).Build(clock);
        ((ISessionStore<string, long>)store).Put(new Windowed<string>("k", new TimeWindow(3, 9)), 5);
        store.Flush(changelog);
        clock.StreamTime = 14;
        store.Flush(changelog);

        Assert.Equal([("6B00000000000000090000000000000003", false), ("6B00000000000000090000000000000003", true)],
            changelog.Records.Select(record => (Convert.ToHexString(record.Key), record.Value is null)));
    }

    private static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string where)
    {
        List<T> wanted = [.. expected], got = [.. actual];
        Assert.True(wanted.SequenceEqual(got), $"{where}\nexpected {string.Join(" ", wanted)}\nactual {string.Join(" ", got)}");
    }
}
