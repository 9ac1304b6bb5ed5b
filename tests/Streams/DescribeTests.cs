using Assay.Streams.Tests.Processors;

namespace Assay.Streams.Tests;

public sealed class DescribeTests
{
    [Fact]
    public void A_topology_is_described_as_Kafka_Streams_describes_it()
    {
        Topology topology = new();
        TopologyNode<string, string> quotes = topology.AddSource("quotes", Serdes.String, Serdes.String, "apis");
        TopologyNode<string, string> answers = topology.AddSource("answers", Serdes.String, Serdes.String, "old-contracts", "contracts");
        TopologyNode<string, string> average = topology.AddProcessor("average", Nothing, quotes);
        TopologyNode<string, string> join = topology.AddProcessor("join", Nothing, average, answers);
        topology.AddProcessor("log", Nothing, answers);
        topology.AddStateStore(Stores.KeyValueStore("windows", Serdes.String, Serdes.String), average, join);
        topology.AddStateStore(Stores.KeyValueStore("answers-store", Serdes.String, Serdes.String), join);
        topology.AddSink("out", "accuracy", Serdes.String, Serdes.String, join);
        TopologyNode<string, string> other = topology.AddSource("z-other", Serdes.String, Serdes.String, "x");
        topology.AddSink("z-sink", "y", Serdes.String, Serdes.String, other);
        topology.AddSink("another", "y2", Serdes.String, Serdes.String, other);

        // What Apache Kafka 4.3.1 prints for the same topology, its line ends and first line's extra blank included.
        const string expected = """
            Topologies:
               Sub-topology: 0
                Source: answers (topics: [old-contracts, contracts])
                  --> join, log
                Source: quotes (topics: [apis])
                  --> average
                Processor: average (stores: [windows])
                  --> join
                  <-- quotes
                Processor: join (stores: [answers-store, windows])
                  --> out
                  <-- answers, average
                Processor: log (stores: [])
                  --> none
                  <-- answers
                Sink: out (topic: accuracy)
                  <-- join

              Sub-topology: 1
                Source: z-other (topics: [x])
                  --> another, z-sink
                Sink: another (topic: y2)
                  <-- z-other
                Sink: z-sink (topic: y)
                  <-- z-other


            """;
        Assert.Equal(expected, topology.Describe());
    }

    [Fact]
    public void A_store_that_two_processors_share_puts_them_into_one_sub_topology()
    {
        Topology topology = new();
        TopologyNode<string, string> a = topology.AddProcessor("a", Nothing, topology.AddSource("source-a", Serdes.String, Serdes.String, "topic-a"));
        TopologyNode<string, string> b = topology.AddProcessor("b", Nothing, topology.AddSource("source-b", Serdes.String, Serdes.String, "topic-b"));
        Assert.Contains("Sub-topology: 1", topology.Describe(), StringComparison.Ordinal);

        topology.AddStateStore(Stores.KeyValueStore("shared", Serdes.String, Serdes.String), a, b);

        Assert.DoesNotContain("Sub-topology: 1", topology.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_a_topology_is_one_plain_sentence()
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        StreamsException sameName = Assert.Throws<StreamsException>(() => topology.AddProcessor("source", Nothing, source));
        StreamsException sameTopic = Assert.Throws<StreamsException>(() => topology.AddSource("second", Serdes.String, Serdes.String, "in"));
        StreamsException foreignParent = Assert.Throws<StreamsException>(() => new Topology().AddProcessor("p", Nothing, source));
        StreamsException noSource = Assert.Throws<StreamsException>(() => new Topology().Describe());

        Assert.Equal("There are two nodes named 'source': a node's name is unique in its topology.", sameName.Message);
        Assert.StartsWith("Topic 'in' is read by source 'source' already", sameTopic.Message, StringComparison.Ordinal);
        Assert.Equal("Node 'source' belongs to another topology.", foreignParent.Message);
        Assert.Equal("The topology reads nothing: add a source.", noSource.Message);
    }

    private static Each<string, string, string, string> Nothing() => new((_, _) => { });
}
