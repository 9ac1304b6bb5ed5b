using Assay.Streams.Internal;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

/// <summary>Queries of several partitions as one.</summary>
public sealed class QueryableStoreTypesTests
{
    private readonly Clock _clock = new() { StreamTime = 100 };

    [Fact]
    public void Windows_of_all_partitions_come_in_one_order()
    {
        StoreBuilder builder = Stores.TimestampedWindowStore("s", TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(10), false, Serdes.String, Serdes.Long);
        List<object> parts = Published<IWindowStore<string, ValueAndTimestamp<long>>>(
            builder,
            store => Put(store, ("a", 60), ("c", 60), ("a", 80)),
            store => Put(store, ("b", 60), ("b", 70), ("b", 40)));
        IReadOnlyWindowStore<string, long> windows = QueryableStoreTypes.WindowStore<string, long>().Open(builder, () => parts)!;

        Assert.Equal(["a@60", "b@60", "c@60", "b@70", "a@80"], windows.All().Select(Shown));
        Assert.Equal(["a@60", "a@80", "b@60", "b@70"], windows.Fetch("a", "b", 0, 100).Select(Shown));
        Assert.Equal(["b@70", "a@80"], windows.FetchAll(61, 80).Select(Shown));
        Assert.Equal([60, 80], windows.Fetch("a", 0, 100).Select(entry => entry.Key));
        Assert.Equal(70, windows.Fetch("b", 70));
        Assert.Equal(new TimeWindow(60, 70), windows.All().First().Key.Window);
        Assert.Equal(new ValueAndTimestamp<long>(70, 71), QueryableStoreTypes.TimestampedWindowStore<string, long>().Open(builder, () => parts)!.Fetch("b", 70));
        Assert.Null(QueryableStoreTypes.WindowStore<string, string>().Open(builder, () => parts));

        static void Put(IWindowStore<string, ValueAndTimestamp<long>> store, params (string Key, long Start)[] windows) =>
            Array.ForEach(windows, window => store.Put(window.Key, new ValueAndTimestamp<long>(window.Start, window.Start + 1), window.Start));
        static string Shown(KeyValuePair<Windowed<string>, long> entry) => $"{entry.Key.Key}@{entry.Value}";
    }

    [Fact]
    public void Sessions_of_all_partitions_come_in_one_order()
    {
        StoreBuilder builder = Stores.SessionStore("s", TimeSpan.FromMilliseconds(50), Serdes.String, Serdes.Long);
        List<object> parts = Published<ISessionStore<string, long>>(builder, store => Put(store, ("a", 60, 70), ("c", 60, 65)), store => Put(store, ("b", 40, 90), ("b", 40, 50)));
        IReadOnlySessionStore<string, long> sessions = QueryableStoreTypes.SessionStore<string, long>().Open(builder, () => parts)!;

        Assert.Equal(["c", "a", "b"], sessions.All().Select(entry => entry.Key.Key));
        Assert.Equal(["a", "b"], sessions.Fetch("a", "b").Select(entry => entry.Key.Key));
        Assert.Equal(90, sessions.FindSessions("b", 70, 45).Single().Value);
        Assert.Equal(65, sessions.FetchSession("c", 60, 65));

        static void Put(ISessionStore<string, long> store, params (string Key, long Start, long End)[] sessions) =>
            Array.ForEach(sessions, session => store.Put(new Windowed<string>(session.Key, new TimeWindow(session.Start, session.End)), session.End));
    }

    [Fact]
    public void Versions_are_found_in_whatever_partition_has_the_key()
    {
        StoreBuilder builder = Stores.VersionedKeyValueStore("s", TimeSpan.FromMilliseconds(50), Serdes.String, Serdes.Long);
        List<object> parts = Published<IVersionedKeyValueStore<string, long>>(builder, store => Put(store, ("a", 60), ("a", 80)), store => Put(store, ("b", 70)));
        IReadOnlyVersionedKeyValueStore<string, long> versions = QueryableStoreTypes.VersionedKeyValueStore<string, long>().Open(builder, () => parts)!;

        Assert.Equal(new VersionedRecord<long>(80, 80, null), versions.Get("a"));
        Assert.Equal(new VersionedRecord<long>(60, 60, 80), versions.Get("a", 79));
        Assert.Equal(new VersionedRecord<long>(70, 70, null), versions.Get("b", 100));
        Assert.Null(versions.Get("b", 69));
        Assert.Equal([60, 80], versions.Get("a", 0, 100).Select(version => version.Value));

        static void Put(IVersionedKeyValueStore<string, long> store, params (string Key, long Time)[] versions) =>
            Array.ForEach(versions, version => store.Put(version.Key, version.Time, version.Time));
    }

    [Fact]
    public void A_tables_values_are_read_with_and_without_their_times()
    {
        StoreBuilder builder = Stores.TimestampedKeyValueStore("s", Serdes.String, Serdes.Long);
        List<object> parts = Published<IKeyValueStore<string, ValueAndTimestamp<long>>>(builder, store => store.Put("b", new(2, 20)), store => store.Put("a", new(1, 10)));

        IReadOnlyKeyValueStore<string, long> values = QueryableStoreTypes.KeyValueStore<string, long>().Open(builder, () => parts)!;
        Assert.Equal([new("a", 1), new("b", 2)], values.All());
        Assert.Equal(2, values.Count);
        Assert.False(values.TryGet("c", out _));
        Assert.Equal(new ValueAndTimestamp<long>(2, 20), QueryableStoreTypes.TimestampedKeyValueStore<string, long>().Open(builder, () => parts)!.Get("b"));
    }

    [Theory]
    // Of Java's producer: Utils.murmur2.
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void A_keys_partition_is_that_of_Javas_producer(string key, int hash) =>
        Assert.Equal(hash, (int)Murmur2.Hash(System.Text.Encoding.UTF8.GetBytes(key)));

    private List<object> Published<TStore>(StoreBuilder builder, params Action<TStore>[] fill) where TStore : class
    {
        List<object> parts = [];
        foreach (Action<TStore> one in fill)
        {
            ManagedStore store = builder.Build(_clock);
            one((store as TStore)!);
            store.Flush(null);
            parts.Add(store.Publish()!);
        }
        return parts;
    }
}
