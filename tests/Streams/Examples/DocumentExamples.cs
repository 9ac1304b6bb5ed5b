using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Examples;

/// <summary>The examples of <c>docs/streams.md</c>: what stands between <c>// doc</c> and <c>// end</c> is printed there, and <see cref="DocumentTests"/> compares both.
/// The fields are what its first example makes.</summary>
public abstract class DocumentExamples
{
    private protected readonly StreamsBuilder builder = new();
    private protected readonly Consumed<string, string> texts = new(Serdes.String, Serdes.String);
    private protected readonly Produced<string, string> textsOut = new(Serdes.String, Serdes.String);
    private protected readonly Materialized<string, string> keptTexts = new(Serdes.String, Serdes.String);
    private protected readonly Materialized<string, long> keptLongs = new(Serdes.String, Serdes.Long);
    private protected readonly KStream<string, string> lines;
    private protected readonly KTable<string, string> names;

    private protected DocumentExamples()
    {
        lines = builder.Stream("lines", texts);
        names = builder.Table("names", texts);
    }

    /// <summary>What a table's changes are for an input.</summary>
    private protected string Results<TKey, TValue>(KTable<TKey, TValue> table, params IEnumerable<string> input) where TKey : notnull => Results(table.ToStream(), input);

    /// <summary>What comes out of a stream for an input, both as <c>topic key=value@time</c> parted by blanks, without the topic where it comes out; <c>-</c> is null.</summary>
    private protected string Results<TKey, TValue>(KStream<TKey, TValue> stream, params IEnumerable<string> input)
    {
        stream.Map((key, value) => KeyValuePair.Create(Text(key), Text(value))).To("out", textsOut);
        return Written("out", input);
    }

    /// <summary>What is written to a topic for an input.</summary>
    private protected string Written(string topic, params IEnumerable<string> input)
    {
        using TopologyTestDriver driver = new(builder.Build());
        foreach (string record in input)
        {
            string[] parts = record.Split(' ', '=', '@');
            driver.CreateInputTopic(parts[0], Serdes.String, Serdes.String).PipeInput(parts[1], parts[2] == "-" ? null : parts[2].Replace('_', ' '), long.Parse(parts[3], null));
        }
        return string.Join(' ', driver.CreateOutputTopic(topic, Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key}={record.Value}@{record.Timestamp}"));
    }

    private static string Text<T>(T value) => value switch
    {
        null => "-",
        Windowed<string> windowed => $"{windowed.Key}[{windowed.Window.Start},{windowed.Window.End}]",
        _ => $"{value}",
    };
}
