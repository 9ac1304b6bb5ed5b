using Assay.Streams.Testing;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests;

public sealed class TopologyTestDriverTests
{
    [Fact]
    public void A_stateful_processor_counts_by_key()
    {
        using TopologyTestDriver driver = new(Counter.Topology("in", "out"));
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        TestOutputTopic<string, long> output = driver.CreateOutputTopic("out", Serdes.String, Serdes.Long);

        input.PipeInput("a", "x", 10);
        input.PipeInput("b", "y", 20);
        input.PipeInput("a", "z", 30);

        Assert.Equal([new("a", 1, 10), new("b", 1, 20), new("a", 2, 30)], output.ReadRecordsToList());
        Assert.Equal(2, driver.GetKeyValueStore<string, long>(Counter.Store).Get("a"));
        Assert.Equal(30, driver.StreamTime("in"));
    }

    [Fact]
    public void A_restart_finds_stores_and_stream_time_again()
    {
        using TopologyTestDriver driver = new(Counter.Topology("in", "out"));
        TestInputTopic<string, string> input = driver.CreateInputTopic("in", Serdes.String, Serdes.String);
        TestOutputTopic<string, long> output = driver.CreateOutputTopic("out", Serdes.String, Serdes.Long);
        input.PipeInput("a", "x", 10);
        input.PipeInput("a", "x", 50);

        driver.Restart();
        Assert.Equal(50, driver.StreamTime("in"));
        input.PipeInput("a", "x", 20);

        Assert.Equal([1, 2, 3], output.ReadRecordsToList().Select(record => record.Value));
        Assert.Equal(50, driver.StreamTime("in"));
    }

    [Fact]
    public void A_store_changed_in_place_is_written_to_its_changelog_once_per_commit()
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        TopologyNode<string, string> processor = topology.AddProcessor("twice", () => new Each<string, string, string, string>((record, context) =>
        {
            IKeyValueStore<string, byte[]> store = context.GetStateStore<IKeyValueStore<string, byte[]>>("state");
            byte[] state = store.Get("k") ?? new byte[1];
            for (int i = 0; i < 5; i++)
            {
                state[0]++;
                store.Put("k", state);
            }
        }), source);
        topology.AddStateStore(Stores.KeyValueStore("state", Serdes.String, Serdes.ByteArray), processor);
        using TopologyTestDriver driver = new(topology);

        driver.CreateInputTopic("in", Serdes.String, Serdes.String).PipeInput("x", "y", 1);

        TestOutputTopic<string, byte[]> changelog = driver.CreateOutputTopic("test-state-changelog", Serdes.String, Serdes.ByteArray);
        Assert.Equal([5], changelog.ReadValue());
        Assert.True(changelog.IsEmpty);
    }

    [Fact]
    public void A_timestamp_extractor_decides_the_records_time()
    {
        Topology topology = new();
        TopologyNode<string, long> source = topology.AddSource(
            "source", Serdes.String, Serdes.Long, static (in Record<string, long> record, long _) => record.Value, "in");
        topology.AddSink("sink", "out", Serdes.String, Serdes.Long, source);
        using TopologyTestDriver driver = new(topology);

        driver.CreateInputTopic("in", Serdes.String, Serdes.Long).PipeInput("a", 77, timestamp: 1);

        Assert.Equal(77, driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).ReadRecord().Timestamp);
    }

    [Fact]
    public void Sub_topologies_hand_on_through_topics()
    {
        Topology topology = new();
        topology.AddSink("middle-sink", "middle", Serdes.String, Serdes.String, topology.AddSource("a", Serdes.String, Serdes.String, "in"));
        topology.AddSink("sink", "out", Serdes.String, Serdes.String, topology.AddSource("b", Serdes.String, Serdes.String, "middle"));
        using TopologyTestDriver driver = new(topology);

        driver.CreateInputTopic("in", Serdes.String, Serdes.String).PipeInput("k", "v", 5);

        Assert.Equal(new Record<string, string>("k", "v", 5), driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecord());
    }

    [Fact]
    public void Null_and_empty_stay_apart_on_their_way()
    {
        Topology topology = new();
        topology.AddSink("sink", "out", Serdes.String, Serdes.ByteArray, topology.AddSource("source", Serdes.String, Serdes.ByteArray, "in"));
        using TopologyTestDriver driver = new(topology);
        TestInputTopic<string, byte[]> input = driver.CreateInputTopic("in", Serdes.String, Serdes.ByteArray);

        input.PipeInput("", null, 1);
        input.PipeInput(null, [], 2);

        TestOutputTopic<string, byte[]> output = driver.CreateOutputTopic("out", Serdes.String, Serdes.ByteArray);
        Assert.Equal(new Record<string, byte[]>("", null!, 1), output.ReadRecord());
        Record<string, byte[]> second = output.ReadRecord();
        Assert.Null(second.Key);
        Assert.Empty(second.Value);
    }

    [Fact]
    public void Rule11_what_a_child_does_to_headers_does_not_reach_its_siblings()
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, "in");
        TopologyNode<string, string> first = topology.AddProcessor("first", () => new Each<string, string, string, string>((record, context) =>
        {
            record.Headers!.Add("leak", [1]);
            context.Forward(record.WithTimestamp(999));
        }), source);
        topology.AddSink("sink-1", "out-1", Serdes.String, Serdes.String, first);
        topology.AddSink("sink-2", "out-2", Serdes.String, Serdes.String, source);
        using TopologyTestDriver driver = new(topology);

        driver.CreateInputTopic("in", Serdes.String, Serdes.String).PipeInput("k", "v", 5, [new Header("own", [0])]);

        Record<string, string> sibling = driver.CreateOutputTopic("out-2", Serdes.String, Serdes.String).ReadRecord();
        Assert.Equal(5, sibling.Timestamp);
        Assert.Equal("own", Assert.Single(sibling.Headers!).Key);
        Assert.Equal(2, driver.CreateOutputTopic("out-1", Serdes.String, Serdes.String).ReadRecord().Headers!.Count);
    }
}
