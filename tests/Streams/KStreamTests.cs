using Assay.Streams.Testing;
using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests;

public sealed class KStreamTests
{
    [Fact]
    public void Stateless_operators_do_what_they_say()
    {
        List<string> peeked = [];
        StreamsBuilder builder = new();
        KStream<string, string> words = builder.Stream("in", new Consumed<string, string>(Serdes.String, Serdes.String))
            .Filter((_, line) => line.Length > 0)
            .FlatMapValues((_, line) => line.Split(' '))
            .FilterNot((_, word) => word == "not")
            .Peek((_, word) => peeked.Add(word));
        words.SelectKey((_, word) => word[..1]).MapValues((key, word) => $"{key}:{word}")
            .Merge(words.Map((key, word) => KeyValuePair.Create(word, key)))
            .To("out", new Produced<string, string>(Serdes.String, Serdes.String));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "", 1);
        input.PipeInput("k", "to be or not", 2);

        Assert.Equal(["to", "be", "or"], peeked);
        Assert.Equal(
            ["t=t:to", "to=k", "b=b:be", "be=k", "o=o:or", "or=k"],
            driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}"));
    }

    [Fact]
    public void A_processor_with_a_store_stands_in_a_stream()
    {
        StreamsBuilder builder = new();
        builder.AddStateStore(Stores.KeyValueStore(Counter.Store, Serdes.String, Serdes.Long));
        builder.Stream("in", new Consumed<string, string>(Serdes.String, Serdes.String))
            .Process(() => new Counter(), Counter.Store)
            .To("out", new Produced<string, long>(Serdes.String, Serdes.Long));
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);

        input.PipeInput("k", "v", 1);
        input.PipeInput("k", "v", 2);

        Assert.Equal([1, 2], driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).ReadRecordsToList().Select(record => record.Value));
    }

    [Fact]
    public void Nodes_are_named_as_Kafka_Streams_names_them()
    {
        StreamsBuilder builder = new();
        builder.Stream("in", new Consumed<string, string>(Serdes.String, Serdes.String)).Filter((_, _) => true).To("out", new Produced<string, string>(Serdes.String, Serdes.String));

        Assert.Equal(
            "Topologies:\n   Sub-topology: 0\n    Source: KSTREAM-SOURCE-0000000000 (topics: [in])\n      --> KSTREAM-FILTER-0000000001\n" +
            "    Processor: KSTREAM-FILTER-0000000001 (stores: [])\n      --> KSTREAM-SINK-0000000002\n      <-- KSTREAM-SOURCE-0000000000\n" +
            "    Sink: KSTREAM-SINK-0000000002 (topic: out)\n      <-- KSTREAM-FILTER-0000000001\n\n",
            builder.Build().Describe());
    }
}
