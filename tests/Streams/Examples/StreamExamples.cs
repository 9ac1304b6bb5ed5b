using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Examples;

public sealed class StreamExamples : DocumentExamples
{
    [Fact]
    public void The_first_example_runs()
    {
        // doc
        StreamsBuilder builder = new();
        Consumed<string, string> texts = new(Serdes.String, Serdes.String);
        Produced<string, string> textsOut = new(Serdes.String, Serdes.String);
        Materialized<string, string> keptTexts = new(Serdes.String, Serdes.String);
        Materialized<string, long> keptLongs = new(Serdes.String, Serdes.Long);
        KStream<string, string> lines = builder.Stream("lines", texts);
        KTable<string, string> names = builder.Table("names", texts);
        // end
        Assert.NotNull(keptTexts);
        Assert.NotNull(keptLongs);
        Assert.NotNull(names);
        // doc
        lines.To("copies", textsOut);
        using TopologyTestDriver driver = new(builder.Build());
        driver.CreateInputTopic("lines", Serdes.String, Serdes.String).PipeInput("key", "a line", timestamp: 1);
        Record<string, string> copy = driver.CreateOutputTopic("copies", Serdes.String, Serdes.String).ReadRecord();
        // end
        Assert.Equal(new Record<string, string>("key", "a line", 1), copy);
    }

    [Fact]
    public void Filter_keeps_and_FilterNot_drops()
    {
        // doc
        KStream<string, string> written = lines.Filter((key, line) => line.Length > 0);
        KStream<string, string> spoken = written.FilterNot((key, line) => line.StartsWith('#'));
        // end
        Assert.Equal("k=a@2", Results(spoken, "lines k=@1", "lines k=a@2", "lines k=#b@3"));
    }

    [Fact]
    public void Map_replaces_key_and_value()
    {
        // doc
        KStream<string, int> lengths = lines.Map((key, line) => KeyValuePair.Create(line, line.Length));
        // end
        Assert.Equal("ab=2@1", Results(lengths, "lines k=ab@1"));
    }

    [Fact]
    public void MapValues_replaces_the_value()
    {
        // doc
        KStream<string, int> lengths = lines.MapValues((key, line) => line.Length);
        // end
        Assert.Equal("k=2@1", Results(lengths, "lines k=ab@1"));
    }

    [Fact]
    public void FlatMap_makes_many_records()
    {
        // doc
        KStream<string, string> whoSaid = lines.FlatMap((key, line) => line.Split(' ').Select(word => KeyValuePair.Create(word, key)));
        // end
        Assert.Equal("to=k@1 be=k@1", Results(whoSaid, "lines k=to_be@1"));
    }

    [Fact]
    public void FlatMapValues_makes_many_values()
    {
        // doc
        KStream<string, string> words = lines.FlatMapValues((key, line) => line.Split(' '));
        // end
        Assert.Equal("k=to@1 k=be@1", Results(words, "lines k=to_be@1"));
    }

    [Fact]
    public void SelectKey_replaces_the_key()
    {
        // doc
        KStream<char, string> byInitial = lines.SelectKey((key, line) => line[0]);
        // end
        Assert.Equal("a=ab@1", Results(byInitial, "lines k=ab@1"));
    }

    [Fact]
    public void Peek_looks_at_records()
    {
        List<string> log = [];
        // doc
        KStream<string, string> watched = lines.Peek((key, line) => log.Add(line), new Named("watch"));
        // end
        Assert.Equal("k=ab@1", Results(watched, "lines k=ab@1"));
        Assert.Equal(["ab"], log);
        Assert.Contains("Processor: watch", builder.Build().Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_puts_two_streams_together()
    {
        // doc
        KStream<string, string> all = lines.Merge(builder.Stream("more-lines", texts));
        // end
        Assert.Equal("k=a@1 k=b@2", Results(all, "lines k=a@1", "more-lines k=b@2"));
    }

    [Fact]
    public void Split_sends_records_into_branches()
    {
        // doc
        IReadOnlyDictionary<string, KStream<string, string>> branches = lines.Split(new Named("by-"))
            .Branch((key, line) => line.StartsWith('#'), new Branched<string, string> { Name = "comment" })
            .Branch((key, line) => line.Length == 0, new Branched<string, string> { Consumer = empty => empty.To("empty-lines", textsOut) })
            .DefaultBranch(new Branched<string, string> { Name = "text" });
        KStream<string, string> comments = branches["by-comment"], text = branches["by-text"];
        // end
        text.To("text", textsOut);
        Assert.Equal("k=#b@2", Results(comments, "lines k=a@1", "lines k=#b@2", "lines k=@3"));
        Assert.Equal("k=a@1", Written("text", "lines k=a@1", "lines k=#b@2", "lines k=@3"));
        Assert.Equal("k=@3", Written("empty-lines", "lines k=a@1", "lines k=#b@2", "lines k=@3"));
    }

    [Fact]
    public void NoDefaultBranch_drops_the_rest()
    {
        // doc
        lines.Split().Branch((key, line) => line.StartsWith('#'), new Branched<string, string> { Consumer = comments => comments.To("comments", textsOut) }).NoDefaultBranch();
        // end
        Assert.Equal("k=#b@2", Written("comments", "lines k=a@1", "lines k=#b@2"));
    }

    [Fact]
    public void Process_runs_a_processor_with_a_store()
    {
        // doc
        builder.AddStateStore(Stores.KeyValueStore("last-lines", Serdes.String, Serdes.String));
        KStream<string, string> changed = lines.Process(() => new ChangedLines(), "last-lines");
        // end
        Assert.Equal("k=a@1 k=b@3", Results(changed, "lines k=a@1", "lines k=a@2", "lines k=b@3"));
    }

    [Fact]
    public void ProcessValues_keeps_the_keys()
    {
        // doc
        builder.AddStateStore(Stores.KeyValueStore("last-lines", Serdes.String, Serdes.String));
        KTable<string, long> changes = lines.ProcessValues(() => new ChangedLines(), "last-lines").GroupByKey().Count(keptLongs);
        // end
        Assert.Equal("k=1@1 k=2@3", Results(changes, "lines k=a@1", "lines k=a@2", "lines k=b@3"));
        Assert.DoesNotContain("repartition", builder.Build().Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void To_writes_to_topics()
    {
        // doc
        lines.To("copies", textsOut);
        lines.To((in Record<string, string> record, RecordMetadata? source) => $"lines-of-{record.Key}", textsOut with { Name = "sorter" });
        // end
        Assert.Equal("k=a@1", Written("copies", "lines k=a@1"));
        Assert.Equal("k=a@1", Written("lines-of-k", "lines k=a@1", "lines m=b@2"));
    }

    [Fact]
    public void Repartition_lets_equal_keys_meet()
    {
        // doc
        KStream<string, string> byLine = lines.SelectKey((key, line) => line)
            .Repartition(new Repartitioned<string, string>(Serdes.String, Serdes.String) { Name = "by-line", NumberOfPartitions = 6 });
        // end
        Assert.Equal("a=a@1", Results(byLine, "lines k=a@1"));
        Assert.Equal("a=a@1", Written("test-by-line-repartition", "lines k=a@1"));
    }

    [Fact]
    public void ToTable_takes_records_as_updates()
    {
        // doc
        KTable<string, string> lastLines = lines.ToTable(keptTexts with { Name = "last-lines" });
        // end
        Assert.Equal("k=a@1 k=-@2", Results(lastLines, "lines k=a@1", "lines k=-@2"));
    }

    // doc
    private sealed class ChangedLines : IProcessor<string, string, string, string>
    {
        private IProcessorContext<string, string> _context = null!;
        private IKeyValueStore<string, string> _last = null!;

        public void Init(IProcessorContext<string, string> context)
        {
            _context = context;
            _last = context.GetStateStore<IKeyValueStore<string, string>>("last-lines");
        }

        public void Process(in Record<string, string> record)
        {
            if (_last.Get(record.Key) == record.Value)
                return;
            _last.Put(record.Key, record.Value);
            _context.Forward(in record);
        }
    }
    // end
}
