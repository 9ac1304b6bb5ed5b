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
}
