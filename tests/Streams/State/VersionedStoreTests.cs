using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

public sealed class VersionedStoreTests
{
    private const int Cases = 300;

    [Fact]
    public void Rule16_a_versioned_store_gives_what_the_model_says_over_restarts()
    {
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
            Run(seed + i);
    }

    private static void Run(int seed)
    {
        Random random = new(seed);
        long retention = random.Next(40), grace = random.NextInt64(retention + 1);
        Clock clock = new();
        Changelog changelog = new(clock);
        StoreBuilder builder = Stores.VersionedKeyValueStore("s", TimeSpan.FromMilliseconds(retention), Serdes.String, Serdes.String, TimeSpan.FromMilliseconds(grace));
        ManagedStore managed = builder.Build(clock);
        Dictionary<string, SortedDictionary<long, string?>> model = new(StringComparer.Ordinal);
        foreach (string key in (string[])["k", "kx", "l"])
            model.Add(key, []);
        for (int i = 0; i < 120; i++)
        {
            IVersionedKeyValueStore<string, string> store = (IVersionedKeyValueStore<string, string>)managed;
            clock.StreamTime += random.Next(3) == 0 ? random.Next(12) : 0;
            long time = Math.Max(0, clock.StreamTime - random.Next(50));
            string key = model.Keys.ElementAt(random.Next(3));
            bool late = time < clock.StreamTime - grace;
            switch (random.Next(10))
            {
                case < 6:
                    string? value = random.Next(4) == 0 ? null : $"v{i}";
                    Assert.True(store.Put(key, value, time) != late, $"seed {seed}, step {i}: put");
                    if (!late)
                        model[key][time] = value;
                    break;
                case 6:
                    VersionedRecord<string>? before = late ? null : Find(model[key], time, clock.StreamTime - retention);
                    Assert.True(before == store.Delete(key, time), $"seed {seed}, step {i}: delete");
                    if (!late)
                        model[key][time] = null;
                    break;
                case 7:
                    managed.Flush(changelog);
                    break;
                case 8 when random.Next(3) == 0:
                    managed = builder.Restart(managed, changelog, clock);
                    break;
            }
            if (i % 3 == 0)
                Compare((IVersionedKeyValueStore<string, string>)managed, model, random, clock.StreamTime - retention, $"seed {seed}, step {i}");
        }
        // Whatever compaction takes, the latest version of each key stays.
        managed.Flush(changelog);
        changelog.Compact();
        ManagedStore compacted = builder.Restart(managed, changelog, clock);
        foreach ((string key, SortedDictionary<long, string?> versions) in model)
            Assert.True(Find(versions, long.MaxValue, 0) == ((IVersionedKeyValueStore<string, string>)compacted).Get(key), $"seed {seed}: {key} after compaction");
    }

    private static void Compare(IVersionedKeyValueStore<string, string> store, Dictionary<string, SortedDictionary<long, string?>> model, Random random, long oldest, string where)
    {
        foreach ((string key, SortedDictionary<long, string?> versions) in model)
        {
            long asOf = random.Next(-5, 300), to = asOf + random.Next(40);
            Assert.True(Find(versions, long.MaxValue, oldest) == store.Get(key), $"{where}: the latest of {key}");
            Assert.True(Find(versions, asOf, oldest) == store.Get(key, asOf), $"{where}: {key} as of {asOf}");
            List<VersionedRecord<string>> expected = [.. versions.Keys.Select(time => Version(versions, time))
                .Where(version => version is { } v && v.ValidFrom <= to && !(v.ValidTo <= asOf) && !(v.ValidTo <= oldest)).Select(version => version!.Value)];
            Assert.True(expected.SequenceEqual(store.Get(key, asOf, to)), $"{where}: {key} from {asOf} to {to}");
        }
    }

    private static VersionedRecord<string>? Find(SortedDictionary<long, string?> versions, long asOf, long oldest)
    {
        long from = versions.Keys.Where(time => time <= asOf).DefaultIfEmpty(-1).Max();
        return from >= 0 && Version(versions, from) is { } found && (found.ValidTo is null || asOf >= oldest) ? found : null;
    }

    private static VersionedRecord<string>? Version(SortedDictionary<long, string?> versions, long from)
    {
        long next = versions.Keys.Where(time => time > from).DefaultIfEmpty(-1).Min();
        return versions[from] is { } value ? new VersionedRecord<string>(value, from, next < 0 ? null : next) : null;
    }

    [Fact]
    public void Old_versions_leave_memory_and_the_latest_stays()
    {
        Clock clock = new();
        Changelog changelog = new(clock);
        StoreBuilder builder = Stores.VersionedKeyValueStore("s", TimeSpan.FromMilliseconds(100), Serdes.String, Serdes.Long);
        VersionedStoreBuilder<string, long> typed = Assert.IsType<VersionedStoreBuilder<string, long>>(builder);
        InMemoryKeyValueStore<VersionKey<string>, Version<long>> core = new("s", "app-s-changelog", typed.Format);
        VersionedStore<string, long> store = new(core, clock, historyRetention: 100, grace: 100);
        store.Put("quiet", 1, 0);
        store.Put("gone", 1, 0);
        store.Delete("gone", 1);
        for (long time = 0; time < 10_000; time += 10)
        {
            clock.StreamTime = time;
            store.Put("busy", time, time);
            store.Flush(changelog);
            Assert.True(core.Count <= 15);
        }

        Assert.Equal(new VersionedRecord<long>(1, 0, null), store.Get("quiet"));
        Assert.Equal(new VersionedRecord<long>(1, 0, null), store.Get("quiet", 5));
        Assert.Null(store.Get("gone"));
        Assert.DoesNotContain(core.All(), entry => entry.Key.Key == "gone");
    }

    [Fact]
    public void A_version_stands_in_the_changelog_with_its_time_as_the_records()
    {
        Clock clock = new() { StreamTime = 50 };
        Changelog changelog = new(clock);
        ManagedStore managed = Stores.VersionedKeyValueStore("s", TimeSpan.FromMilliseconds(100), Serdes.String, Serdes.String).Build(clock);
        IVersionedKeyValueStore<string, string> store = (IVersionedKeyValueStore<string, string>)managed;
        store.Put("k", "late", 40);
        managed.Flush(changelog);
        store.Put("k", "early", 20);
        store.Delete("k", 30);
        managed.Flush(changelog);

        // The latest comes last once more, for compaction to keep.
        Assert.Equal([("6B", "late", 40), ("6B", "early", 20), ("6B", null, 30), ("6B", "late", 40)],
            changelog.Records.Select(record => (Convert.ToHexString(record.Key), record.Value is null ? null : Serdes.String.Deserialize(record.Value, default), record.Timestamp)));
    }
}
