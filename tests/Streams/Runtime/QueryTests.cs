using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Interactive queries while the topology runs.</summary>
public abstract class QueryTests(IKafka kafka) : RuntimeTests(kafka)
{
    [Fact]
    public async Task Rule27_readers_under_load_see_only_what_one_commit_left()
    {
        const int Transfers = 20_000;
        string input = await Cluster.Topic("in", 1);
        Topology topology = Bank(input);
        for (int i = 0; i < Transfers; i++)
            Cluster.Send(input, $"{i % 17}", $"{(i * 7 + 3) % 17}", i);
        await using Application application = await Application.StartAndWait(topology, Options() with { CommitInterval = TimeSpan.FromMilliseconds(20) });
        IReadOnlyKeyValueStore<string, long> store = application.Streams.Store("accounts", QueryableStoreTypes.KeyValueStore<string, long>());

        List<long> seen = [];
        Task[] readers = [.. Enumerable.Range(0, 3).Select(reader => Task.Run(async () =>
        {
            for (long done = 0; done < Transfers;)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                Dictionary<string, long> read = store.All().ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
                long before = done;
                read.Remove("transfers", out done);
                Assert.True(done >= before, $"{done} transfers after {before}");
                Assert.Equal(0, read.Values.Sum());
                if (reader == 0 && done != before)
                {
                    seen.Add(done);
                    long transfers = done;
                    if (CommitsShowAtOnce)
                        Assert.InRange(done, 0, await Cluster.Committed(Cluster.Id, input, 0));
                    else
                        await Eventually.True(async () => await Cluster.Committed(Cluster.Id, input, 0) >= transfers, $"{done} transfers were read and are committed");
                }
            }
        }))];
        Cluster.Flush();
        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Equal(Transfers, seen[^1]);
        Assert.Equal(Transfers, store.Get("transfers"));
    }

    [Fact]
    public async Task Rule27_what_is_not_committed_is_not_read()
    {
        string input = await Cluster.Topic("in", 1);
        int processed = 0;
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        IKeyValueStore<string, string> values = null!;
        TopologyNode<string, string> keep = topology.AddProcessor("keep", () => new Each<string, string, string, string>(
            (record, context) =>
            {
                values.Put(record.Key, record.Value);
                if (record.Value == "commit")
                    context.Commit();
                Interlocked.Increment(ref processed);
            }, context => values = context.GetStateStore<IKeyValueStore<string, string>>("values")), source);
        topology.AddStateStore(Stores.KeyValueStore("values", Serdes.String, Serdes.String).WithLoggingDisabled(), keep);
        await using Application application = await Application.StartAndWait(topology, Options() with { CommitInterval = TimeSpan.FromHours(1) });
        Cluster.Send(input, "a", "commit", 1);
        Cluster.Flush();
        IReadOnlyKeyValueStore<string, string> store = application.Streams.Store("values", QueryableStoreTypes.KeyValueStore<string, string>());
        await Eventually.True(() => store.Get("a") == "commit", "the first record is committed");

        Cluster.Send(input, "a", "waits", 2);
        Cluster.Flush();
        await Eventually.True(() => Volatile.Read(ref processed) == 2, "the second record is processed");
        Assert.Equal("commit", store.Get("a"));
        Cluster.Send(input, "b", "commit", 3);
        Cluster.Flush();

        await Eventually.True(() => store.Get("a") == "waits", "the second record is committed with the third");
    }

    [Fact]
    public async Task Rule27_the_first_query_of_a_large_store_waits_neither_for_a_commit_nor_for_input()
    {
        const int Keys = 100_000;
        string input = await Cluster.Topic("in", 1);
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        IKeyValueStore<string, long> values = null!;
        int processed = 0;
        TopologyNode<string, string> keep = topology.AddProcessor("keep", () => new Each<string, string, string, string>(
            (_, _) =>
            {
                for (int i = 0; i < Keys; i++)
                    values.Put($"{i:000000}", i);
                Interlocked.Increment(ref processed);
            }, context => values = context.GetStateStore<IKeyValueStore<string, long>>("values")), source);
        topology.AddStateStore(Stores.KeyValueStore("values", Serdes.String, Serdes.Long).WithLoggingDisabled(), keep);
        await using Application application = await Application.StartAndWait(topology, Options() with { CommitInterval = TimeSpan.FromHours(1) });
        Cluster.Send(input, "a", "b", 1);
        Cluster.Flush();
        await Eventually.True(() => Volatile.Read(ref processed) == 1, "the record is processed");

        IReadOnlyKeyValueStore<string, long> store = application.Streams.Store("values", QueryableStoreTypes.KeyValueStore<string, long>());

        Assert.Equal(Keys, store.Count);
    }

    [Fact]
    public async Task Rule27_a_store_is_read_where_its_partitions_are()
    {
        string input = await Cluster.Topic("in", 4), output = await Cluster.Topic("out", 1);
        SendCounts(input, 0, 500);
        await using Application first = await Application.StartAndWait(Counter.Topology(input, output), Options() with { NumStreamThreads = 2 });
        await Cluster.ReadWhen(output, 500);
        QueryableStoreType<IReadOnlyKeyValueStore<string, long>> counts = QueryableStoreTypes.KeyValueStore<string, long>();
        IReadOnlyKeyValueStore<string, long> whole = first.Streams.Store(Counter.Store, counts);
        await Eventually.True(() => whole.All().All(entry => entry.Value == 10), "everything is committed");
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"key-{i}").Order(StringComparer.Ordinal), whole.All().Select(entry => entry.Key));
        Assert.Equal(["key-3", "key-30", "key-31"], whole.Range("key-3", "key-31").Select(entry => entry.Key));
        Assert.Equal(50, whole.Count);

        await using Application second = await Application.StartAndWait(Counter.Topology(input, output), Options());
        await Eventually.True(() => first.Streams.State == StreamsState.Running && CountOf(first) is > 0 and < 50 && CountOf(first) + CountOf(second) == 50, "both have some");

        for (int i = 0; i < 50; i++)
        {
            string key = $"key-{i}";
            KeyQueryMetadata here = first.Streams.QueryMetadataForKey(Counter.Store, key, Serdes.String);
            KeyQueryMetadata there = second.Streams.QueryMetadataForKey(Counter.Store, key, Serdes.String);
            Assert.Equal(here.Partition, there.Partition);
            Assert.NotEqual(here.IsLocal, there.IsLocal);
            (KafkaStreams owner, KafkaStreams other) = here.IsLocal ? (first.Streams, second.Streams) : (second.Streams, first.Streams);
            Assert.Equal(10, owner.Store(Counter.Store, counts, here.Partition).Get(key));
            Assert.Equal(0, other.Store(Counter.Store, counts).Get(key));
        }

        int CountOf(Application application)
        {
            try
            {
                return application.Streams.Store(Counter.Store, counts).Count;
            }
            catch (InvalidStateStoreException)
            {
                return 0;
            }
        }
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_refused_with_a_sentence()
    {
        string input = await Cluster.Topic("in", 1), output = await Cluster.Topic("out", 1);
        using KafkaStreams created = new(Counter.Topology(input, output), Options(), TestLoggers.Factory, TimeProvider.System);
        QueryableStoreType<IReadOnlyKeyValueStore<string, long>> counts = QueryableStoreTypes.KeyValueStore<string, long>();
        Assert.Contains("has not started", Assert.Throws<InvalidStateStoreException>(() => created.QueryMetadataForKey(Counter.Store, "k", Serdes.String)).Message);
        await using Application application = await Application.StartAndWait(Counter.Topology(input, output), Options());
        KafkaStreams streams = application.Streams;

        Assert.Equal($"The topology of {Cluster.Id} has no store named 'nothing': it has 'counts'.", Refusal(() => streams.Store("nothing", counts)));
        Assert.Equal("Store 'counts' is a key-value store of System.String and System.Int64, not a window store of System.String and System.Int64.",
            Refusal(() => streams.Store(Counter.Store, QueryableStoreTypes.WindowStore<string, long>())));
        IReadOnlyKeyValueStore<string, long> store = streams.Store(Counter.Store, counts);
        Assert.Equal(0, store.Count);
        Assert.Contains("Partition 7 of store 'counts' is not on this instance", Refusal(() => streams.Store(Counter.Store, counts, partition: 7)));
        await application.Close();
        Assert.Contains("cannot be read any more", Refusal(() => store.Get("k")));

        static string Refusal(Func<object?> read) => Assert.Throws<InvalidStateStoreException>(read).Message;
    }

    /// <summary>Moves one from the account of a record's key to that of its value: the sum of all accounts stays zero.</summary>
    private static Topology Bank(string input)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, input);
        IKeyValueStore<string, long> accounts = null!;
        TopologyNode<string, string> transfer = topology.AddProcessor("transfer", () => new Each<string, string, string, string>(
            (record, _) =>
            {
                accounts.Put(record.Key, accounts.Get(record.Key) - 1);
                accounts.Put(record.Value, accounts.Get(record.Value) + 1);
                accounts.Put("transfers", accounts.Get("transfers") + 1);
            }, context => accounts = context.GetStateStore<IKeyValueStore<string, long>>("accounts")), source);
        topology.AddStateStore(Stores.KeyValueStore("accounts", Serdes.String, Serdes.Long), transfer);
        return topology;
    }
}

public sealed class QueryTestsOnAssay(AssayKafka kafka) : QueryTests(kafka);

public sealed class QueryTestsOnApacheKafka(ApacheKafka kafka) : QueryTests(kafka);
