using System.Text;
using Assay.Streams.Testing;
using Assay.Streams.Tests.Processors;
using Confluent.Kafka;

namespace Assay.Streams.Tests;

public sealed class ErrorHandlingTests
{
    [Fact]
    public void An_unreadable_record_stops_with_a_sentence_that_names_it()
    {
        using TopologyTestDriver driver = new(Throwing());
        TestInputTopic<string, long> input = driver.CreateInputTopic("in", Serdes.String, Serdes.Long);

        StreamsException exception = Assert.Throws<StreamsException>(() => input.PipeRaw([1], [1, 2, 3], 5));

        Assert.Contains("in-0@0", exception.Message, StringComparison.Ordinal);
        Assert.Contains("A long has 8 bytes, these are 3.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_record_is_dead_lettered_with_the_bytes_as_received()
    {
        using TopologyTestDriver driver = new(Throwing(), Handling());
        TestInputTopic<string, long> input = driver.CreateInputTopic("in", Serdes.String, Serdes.Long);

        input.PipeRaw("key"u8.ToArray(), [1, 2, 3], 5, [new Header("h", [9])]);
        input.PipeInput("good", 1, 6);

        Record<byte[], byte[]> letter = driver.CreateOutputTopic("dead", Serdes.ByteArray, Serdes.ByteArray).ReadRecord();
        Assert.Equal("key"u8.ToArray(), letter.Key);
        Assert.Equal([1, 2, 3], letter.Value);
        Assert.Equal("Deserialization source in-0@0", Encoding.UTF8.GetString(letter.Headers!.GetLastBytes("what")));
        Assert.Equal([9], letter.Headers!.GetLastBytes("h"));
        Assert.Equal("good", driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).ReadRecord().Key);
    }

    [Fact]
    public void A_record_that_a_processor_throws_on_is_dead_lettered_and_the_next_goes_on()
    {
        using TopologyTestDriver driver = new(Throwing(), Handling());
        TestInputTopic<string, long> input = driver.CreateInputTopic("in", Serdes.String, Serdes.Long);

        input.PipeInput("bad", -1, 5);
        input.PipeInput("good", 1, 6);

        Record<string, long> letter = driver.CreateOutputTopic("dead", Serdes.String, Serdes.Long).ReadRecord();
        Assert.Equal(("bad", -1L), (letter.Key, letter.Value));
        Assert.Equal("Processing checker in-0@0", Encoding.UTF8.GetString(letter.Headers!.GetLastBytes("what")));
        Assert.Equal(1, driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).ReadValue());
    }

    [Fact]
    public void An_output_that_no_serde_can_write_goes_to_the_production_handler()
    {
        using TopologyTestDriver driver = new(Throwing(), Handling());

        driver.CreateInputTopic("in", Serdes.String, Serdes.Long).PipeInput("?", 1, 5);

        Record<byte[], byte[]> letter = driver.CreateOutputTopic("dead", Serdes.ByteArray, Serdes.ByteArray).ReadRecord();
        Assert.Equal("Production sink in-0@0", Encoding.UTF8.GetString(letter.Headers!.GetLastBytes("what")));
    }

    [Fact]
    public void A_negative_timestamp_goes_to_the_deserialization_handler()
    {
        using TopologyTestDriver driver = new(Throwing(), Handling());

        driver.CreateInputTopic("in", Serdes.String, Serdes.Long).PipeInput("k", 1, -1);

        Assert.Equal(1, driver.CreateOutputTopic("dead", Serdes.String, Serdes.Long).QueueSize);
        Assert.True(driver.CreateOutputTopic("out", Serdes.String, Serdes.Long).IsEmpty);
    }

    private static StreamsOptions Handling()
    {
        ToDeadLetters handler = new();
        return new StreamsOptions
        {
            ApplicationId = "test",
            Client = new ClientConfig(),
            DeserializationExceptionHandler = handler,
            ProcessingExceptionHandler = handler,
            ProductionExceptionHandler = handler,
        };
    }

    private static Topology Throwing()
    {
        Topology topology = new();
        TopologyNode<string, long> source = topology.AddSource("source", Serdes.String, Serdes.Long, "in");
        TopologyNode<string, long> checker = topology.AddProcessor("checker", () => new Each<string, long, string, long>((record, context) =>
        {
            if (record.Value < 0)
                throw new InvalidOperationException("negative");
            // A lone surrogate has no UTF-8.
            context.Forward(record.Key == "?" ? record.WithKey("\ud800") : record);
        }), source);
        topology.AddSink("sink", "out", Serdes.String, Serdes.Long, checker);
        return topology;
    }

    private sealed class ToDeadLetters : IExceptionHandler
    {
        public ErrorResponse Handle(ErrorContext context, Exception exception)
        {
            Headers headers = context.SourceHeaders ?? [];
            headers.Add("what", Encoding.UTF8.GetBytes($"{context.Stage} {context.NodeName} {context.Source!.Value.Topic}-{context.Source.Value.Partition}@{context.Source.Value.Offset}"));
            return ErrorResponse.DeadLetter(new DeadLetterRecord("dead", context.SourceKey, context.SourceValue, context.SourceTimestamp, headers));
        }
    }
}
