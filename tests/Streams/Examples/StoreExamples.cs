using Assay.Streams.RocksDb;
using Assay.Streams.Testing;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Tests.Examples;

public sealed class StoreExamples : DocumentExamples
{
    [Fact]
    public void Stores_of_every_kind_are_added()
    {
        // doc
        builder.AddStateStore(Stores.KeyValueStore("seen", Serdes.String, Serdes.Long));
        builder.AddStateStore(Stores.WindowStore("clicks", retention: TimeSpan.FromHours(1), windowSize: TimeSpan.FromMinutes(1), retainDuplicates: false, Serdes.String, Serdes.Long));
        builder.AddStateStore(Stores.SessionStore("visits", retention: TimeSpan.FromHours(1), Serdes.String, Serdes.Long));
        builder.AddStateStore(Stores.VersionedKeyValueStore("prices", historyRetention: TimeSpan.FromHours(1), Serdes.String, Serdes.Long));
        // end
        Assert.Equal(5, builder.Topology.Stores.Count);
    }

    [Fact]
    public void A_store_is_queried()
    {
        // doc
        static long CountOf(KafkaStreams streams, string key) =>
            streams.Store("seen", QueryableStoreTypes.KeyValueStore<string, long>()).Get(key);

        static bool IsHere(KafkaStreams streams, string key) => streams.QueryMetadataForKey("seen", key, Serdes.String).IsLocal;
        // end
        lines.GroupByKey().Count(keptLongs with { Name = "seen" });
        StreamsOptions options = new() { ApplicationId = "example", Client = new ClientConfig { BootstrapServers = "localhost:1" } };
        using KafkaStreams streams = new(builder.Build(), options, NullLoggerFactory.Instance, TimeProvider.System);

        // It does not run: the queries say so.
        Assert.Throws<InvalidStateStoreException>(() => CountOf(streams, "k"));
        Assert.Throws<InvalidStateStoreException>(() => IsHere(streams, "k"));
    }

    [Fact]
    public void Stores_are_kept_on_disk()
    {
        using TemporaryFolder temporary = new();
        string folder = temporary["state"];
        StreamsOptions options = new() { ApplicationId = "example", Client = new ClientConfig() };
        // doc
        using RocksDbEngine engine = new(memoryMegabytes: 256);
        StreamsOptions onDisk = options with { StoreEngine = engine, StateDir = folder };
        // end
        lines.GroupByKey().Count(keptLongs with { Name = "seen" });
        using TopologyTestDriver driver = new(builder.Build(), onDisk);
        TestInputTopic<string, string> input = driver.CreateInputTopic("lines", Serdes.String, Serdes.String);
        input.PipeInput("k", "a", 1);
        driver.Restart();
        input.PipeInput("k", "b", 2);

        Assert.Equal(2, driver.GetKeyValueStore<string, ValueAndTimestamp<long>>("seen").Get("k").Value);
        Assert.True(Directory.Exists(Path.Combine(folder, "example", "0_0", "rocksdb", "seen")));
    }
}
