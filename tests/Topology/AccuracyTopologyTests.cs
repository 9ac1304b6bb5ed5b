using System.Text;
using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Tests.Harness;
using static Assay.Topology.Tests.Harness.Given;

namespace Assay.Topology.Tests;

/// <summary>The wiring: Avro in, JSON and dead letters out, state through the changelog.</summary>
public sealed class AccuracyTopologyTests : IDisposable
{
    private readonly MemoryRegistry _registry = new();
    private readonly TopologyUnderTest _topology;

    public AccuracyTopologyTests() => _topology = new TopologyUnderTest(Options, _registry);

    public void Dispose() => _topology.Dispose();

    [Fact]
    public void Record_comes_out_as_json_with_the_pair_as_key_and_its_moment_as_time()
    {
        _topology.Take(Answer(0, 100), Quote(30, 100, quotedAt: 20), Quote(71, 100));

        Record<string, byte[]> record = _topology.Accuracy.ReadRecord();
        Assert.Equal((Pair, At(60)), (record.Key, record.Timestamp));
        Assert.Equal((WindowId(60), 100m), (AccuracyJson.Read(record.Value).Id, AccuracyJson.Read(record.Value).Average!.Value));
        Assert.True(_topology.Accuracy.IsEmpty);
        Assert.True(_topology.DeadLetters.IsEmpty);
    }

    [Fact]
    public void Record_comes_out_as_avro_where_that_is_the_format_and_says_the_same()
    {
        object[] inputs = [Answer(0, 100), Quote(30, 99), Quote(31, 100, "kraken", quotedAt: 20), Quote(32, 100), Quote(33, 98), Quote(71, 100), Answer(0, 100, removed: true, observedAfter: 9)];
        using TopologyUnderTest avro = new(Options with { Format = AccuracyFormat.Avro }, _registry);
        avro.Take(inputs);
        _topology.Take(inputs);

        AccuracyReader reader = new(_registry);
        List<Accuracy> read = [.. avro.Accuracy.ReadRecordsToList().Select(record => reader.Read(record.Value))];
        List<Accuracy> expected = _topology.Records();
        Assert.Equal([AccuracyStatus.Ok, AccuracyStatus.Retracted], expected.Select(record => record.Status));
        Assert.Equal(expected.Select(Text), read.Select(Text));

        static string Text(Accuracy record)
        {
            System.Buffers.ArrayBufferWriter<byte> output = new();
            AccuracyJson.Write(record, output);
            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }

    [Fact]
    public void Restart_goes_on_with_what_the_changelog_holds()
    {
        _topology.Take(Answer(0, 100), Quote(30, 100));
        _topology.Restart();
        _topology.Take(Quote(71, 100));
        _topology.Restart();
        _topology.Take(Quote(31, 102), Answer(0, 100, removed: true, observedAfter: 9));

        Assert.Equal(
            [(WindowId(60), 0, AccuracyStatus.Ok), (WindowId(60), 1, AccuracyStatus.Deviating), (WindowId(60), 2, AccuracyStatus.Retracted)],
            _topology.Records().Select(record => (record.Id, record.Revision, record.Status)));
    }

    [Fact]
    public void Refused_input_goes_to_dead_letters_as_received()
    {
        Quote quote = Quote(0, 100, "bitstamp");
        _topology.Take(Quote(0, 100), quote);

        DeadLetter letter = _topology.DeadLetter();
        Assert.Equal(("topology", RejectionReason.UnknownSource, "apis-0-1"), (letter.Stage, letter.Reason, letter.Origin));
        Assert.Equal("No source of the configuration is called \"bitstamp\".", letter.Detail);
        Assert.Equal(Pair, Encoding.UTF8.GetString(letter.Key!));
        Assert.Equal(_topology.Inputs.Of(quote).Value, letter.Value);
    }

    [Theory]
    [InlineData(Topics.Apis, "00")]
    [InlineData(Topics.Contracts, "7B7D")]
    [InlineData(Topics.Apis, "000000007B")]
    [InlineData(Topics.Contracts, null)]
    public void Undecodable_record_goes_to_dead_letters_and_the_next_is_taken(string topic, string? hex)
    {
        byte[]? bytes = hex is null ? null : Convert.FromHexString(hex);
        _topology.TakeRaw(topic, bytes, At(0));
        _topology.Take(Answer(0, 100), Quote(30, 100), Quote(71, 100));

        DeadLetter letter = _topology.DeadLetter();
        Assert.Equal((RejectionReason.Undecodable, $"{topic}-0-0"), (letter.Reason, letter.Origin));
        Assert.NotEmpty(letter.Detail);
        Assert.Equal(bytes, letter.Value);
        Assert.Single(_topology.Records());
    }

    [Fact]
    public void Refused_answers_and_quotes_leave_what_was_computed_alone()
    {
        _topology.Take(Answer(0, 100), Quote(30, 100), Quote(31, 200, "bitstamp"), Answer(1, 200, "x"), Quote(200_000, 100), Quote(71, 100));

        Assert.Equal(3, _topology.DeadLetters.QueueSize);
        Assert.Equal([(WindowId(60), 100m)], _topology.Records().Select(record => (record.Id, record.Average!.Value)));
    }

    [Fact]
    public void Registry_that_does_not_answer_stops_the_topology_rather_than_eat_the_record()
    {
        _topology.Inputs.Of(Quote(0, 1)); // registers the schema
        _registry.Away = true;

        Assert.Throws<StreamsException>(() => _topology.Take(Quote(0, 100)));
        Assert.True(_topology.DeadLetters.IsEmpty);
    }

    [Fact]
    public void Options_that_cannot_work_are_one_sentence()
    {
        UserException mistake = Assert.Throws<UserException>(() => AccuracyTopology.Build(Options with { MinSources = 4 }, _registry));

        Assert.Equal("The accuracy settings cannot work: accuracy.min_sources is 4, but only 3 sources are configured.", mistake.Message);
    }

    [Fact]
    public void Description_shows_one_task_with_both_inputs()
    {
        Assert.Equal(
            """
            Topologies:
               Sub-topology: 0
                Source: apis-source (topics: [apis])
                  --> accuracy-join
                Source: contracts-source (topics: [contracts])
                  --> accuracy-join
                Processor: accuracy-join (stores: [accuracy-state])
                  --> accuracy-sink
                  <-- apis-source, contracts-source
                Sink: accuracy-sink (topic: accuracy)
                  <-- accuracy-join
            """,
            AccuracyTopology.Build(Options, _registry).Describe().TrimEnd());
    }

    [Fact]
    public void Latest_revisions_are_the_naive_models_through_the_engine_too()
    {
        int first = Random.Shared.Next();
        for (int number = 0; number < 40; number++)
        {
            int seed = unchecked(first + number);
            RandomCase given = new(seed);
            using TopologyUnderTest topology = new(given.Options, new MemoryRegistry());
            Random random = new(seed);
            foreach (object input in given.Delivery)
            {
                topology.Take(input);
                if (random.Next(given.Delivery.Count) < 2)
                    topology.Restart();
            }
            // A quote of no source that is averaged moves stream time past every closing.
            topology.Take(new Quote { Pair = given.Options.Feeds[0].Pair, Source = given.Options.Sources[0].Name, Price = 1, QuotedAt = 0, ObservedAt = given.End });

            Comparison.AssertLatest(NaiveModel.Compute(given.Options, given.Quotes, given.Messages), topology.Records(), $"seed {seed}");
            Assert.True(topology.DeadLetters.IsEmpty, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData("sink", false)]
    [InlineData("sink,topology", true)]
    public void Quote_that_is_sent_again_counts_if_the_topology_had_rejected_it(string stages, bool counts)
    {
        _topology.Take(Answer(0, 100), Quote(1, 100));
        (string topic, _, byte[] value, long time) = _topology.Inputs.Of(Quote(2, 300));
        DeadLetter letter = new(null, value, "sink", RejectionReason.RefusedRow, "", "apis-0-7", DateTime.UnixEpoch.AddMilliseconds(time));

        _topology.TakeRaw(topic, value, time, Resend.Again(letter, stages.Split(',')).Headers);
        _topology.Take(Quote(200, 100));

        Assert.Equal(counts ? 200 : 100, _topology.Records().First(record => record.Trigger == AccuracyTrigger.Window).Average);
    }
}
