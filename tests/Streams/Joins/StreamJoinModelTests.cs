using Assay.Streams.Internal.Dsl;
using Assay.Streams.Testing;

namespace Assay.Streams.Tests.Joins;

/// <summary>Joins of streams against their definition: which pairs of the whole input meet, and which records meet none.</summary>
public sealed class StreamJoinModelTests
{
    private const int Cases = 500;
    private const int Left = 0;
    private const int Right = 1;
    private static readonly Consumed<string, string> Texts = new(Serdes.String, Serdes.String);
    private static readonly Produced<string, string> TextsOut = new(Serdes.String, Serdes.String);

    public enum Shape
    {
        TwoStreams,
        WithItself,
        WithItselfMapped,
    }

    private sealed record Event(int Side, string? Key, string? Value, long Timestamp, long StreamTime);

    private sealed record Window(long Before, long After, long Grace)
    {
        public JoinWindows Build() => JoinWindows.OfTimeDifferenceAndGrace(Milliseconds(Math.Abs(Before)), Milliseconds(Grace)).After(Milliseconds(After)).Before(Milliseconds(Before));
    }

    [Theory]
    [InlineData("Inner", Shape.TwoStreams)]
    [InlineData("Left", Shape.TwoStreams)]
    [InlineData("Outer", Shape.TwoStreams)]
    [InlineData("Inner", Shape.WithItself)]
    [InlineData("Left", Shape.WithItself)]
    [InlineData("Outer", Shape.WithItselfMapped)]
    public void Rule12_rule13_rule15_and_rule22_a_join_of_streams_gives_what_the_model_says(string kindName, Shape shape)
    {
        JoinKind kind = Enum.Parse<JoinKind>(kindName);
        int seed = Random.Shared.Next();
        for (int i = 0; i < Cases; i++)
        {
            Random random = new(seed + i);
            Window window = RandomWindow(random);
            List<JoinInput> inputs = [.. JoinInputs.Of(random, topics: 3).Select(input => random.Next(25) == 0 ? input with { Key = null } : input)];

            List<string> expected = Model(Events(inputs, shape), window, kind);
            List<string> actual = Run(inputs, window, kind, shape);

            Assert.True(expected.SequenceEqual(actual),
                $"seed {seed + i}: {window}\ninputs {string.Join("\n", inputs)}\nexpected {string.Join("\n", expected)}\nactual {string.Join("\n", actual)}");
        }
    }

    private static Window RandomWindow(Random random)
    {
        long difference = random.Next(20), grace = random.Next(3) == 0 ? 0 : random.Next(20);
        return random.Next(4) switch
        {
            0 => new Window(random.Next(20), random.Next(20), grace),
            1 => new Window(difference + random.Next(10), -difference, grace),
            _ => new Window(difference, difference, grace),
        };
    }

    /// <summary>What each side sees, with stream time as it then is; topic 2 only moves that.</summary>
    private static List<Event> Events(List<JoinInput> inputs, Shape shape)
    {
        List<Event> events = [];
        long streamTime = -1;
        foreach (JoinInput input in inputs)
        {
            streamTime = Math.Max(streamTime, input.Timestamp);
            if (shape == Shape.TwoStreams)
            {
                events.Add(new Event(input.Topic, input.Key, input.Value, input.Timestamp, streamTime));
                continue;
            }
            if (input.Topic == 2)
            {
                events.Add(new Event(2, input.Key, input.Value, input.Timestamp, streamTime));
                continue;
            }
            Event left = new(Left, input.Key, input.Value, input.Timestamp, streamTime);
            // The mapped side was added first, so it is told first.
            events.AddRange(shape == Shape.WithItself ? [left, left with { Side = Right }] : [left with { Side = Right, Value = input.Value is null ? null : input.Value + "!" }, left]);
        }
        return events;
    }

    private static List<string> Model(List<Event> events, Window window, JoinKind kind)
    {
        // How long a record can be met: while its window is open where it goes out alone, else while one in time could meet it.
        long after = Math.Max(0, window.After), before = Math.Max(0, window.Before);
        long leftLife = (kind == JoinKind.Inner ? before + after : after) + window.Grace;
        long rightLife = (kind == JoinKind.Outer ? before : before + after) + window.Grace;
        List<string> outputs = [];
        for (int at = 0; at < events.Count; at++)
        {
            Event now = events[at];
            long timeBefore = at == 0 ? -1 : events[at - 1].StreamTime;
            outputs.AddRange(Enumerable.Range(0, at)
                .Where(i => GoesAlone(events[i]) && Taken(events[i]) && !Alive(events[i], now.StreamTime) && Alive(events[i], timeBefore))
                .Where(i => !Enumerable.Range(0, at).Any(other => Meet(Math.Min(i, other), Math.Max(i, other))))
                .OrderBy(i => events[i].Timestamp).ThenByDescending(i => events[i].Side).ThenBy(i => events[i].Key, StringComparer.Ordinal).ThenBy(i => i)
                .Select(i => Result(events[i], null, events[i].Timestamp)));
            if (now.Key is null && now.Value is not null && GoesAlone(now))
                outputs.Add(Result(now, null, now.Timestamp));
            outputs.AddRange(Enumerable.Range(0, at).Where(i => Meet(i, at)).OrderBy(i => events[i].Timestamp).ThenBy(i => i)
                .Select(i => Result(now, events[i], Math.Max(now.Timestamp, events[i].Timestamp))));
        }
        return outputs;

        bool GoesAlone(Event x) => x.Side == Left ? kind != JoinKind.Inner : x.Side == Right && kind == JoinKind.Outer;

        bool Alive(Event x, long streamTime) => x.Timestamp + (x.Side == Left ? leftLife : rightLife) >= streamTime;

        bool Taken(Event x) => x.Key is not null && x.Value is not null && x.Side <= Right && Alive(x, x.StreamTime);

        bool Meet(int first, int second)
        {
            Event x = events[first], y = events[second];
            if (!Taken(x) || !Taken(y) || x.Key != y.Key || x.Side == y.Side || !Alive(x, y.StreamTime))
                return false;
            long rightMinusLeft = x.Side == Right ? x.Timestamp - y.Timestamp : y.Timestamp - x.Timestamp;
            return rightMinusLeft >= -window.Before && rightMinusLeft <= window.After;
        }

        static string Result(Event x, Event? other, long timestamp) =>
            $"{x.Key} {(x.Side == Left ? x.Value : other?.Value)}+{(x.Side == Right ? x.Value : other?.Value)} {timestamp}";
    }

    private static List<string> Run(List<JoinInput> inputs, Window window, JoinKind kind, Shape shape)
    {
        StreamsBuilder builder = new();
        KStream<string, string> clock = builder.Stream("in2", Texts).Filter((_, _) => false);
        KStream<string, string> left = builder.Stream("in0", Texts), other = builder.Stream("in1", Texts);
        // In a join with itself both topics are the stream.
        if (shape != Shape.TwoStreams)
            left = left.Merge(other);
        left = left.Merge(clock);
        KStream<string, string> right = shape switch
        {
            Shape.TwoStreams => other,
            Shape.WithItself => left,
            _ => left.MapValues((_, value) => value is null ? null! : value + "!"),
        };
        StreamJoined<string, string, string> joined = new(Serdes.String, Serdes.String, Serdes.String);
        KStream<string, string> result = kind switch
        {
            JoinKind.Inner => left.Join(right, (_, a, b) => $"{a}+{b}", window.Build(), joined),
            JoinKind.Left => left.LeftJoin(right, (_, a, b) => $"{a}+{b}", window.Build(), joined),
            _ => left.OuterJoin(right, (_, a, b) => $"{a}+{b}", window.Build(), joined),
        };
        result.To("out", TextsOut);
        using TopologyTestDriver driver = new(builder.Build());
        TestInputTopic<string, string>[] topics = [.. Enumerable.Range(0, 3).Select(topic => driver.CreateInputTopic($"in{topic}", Serdes.String, Serdes.String))];
        foreach (JoinInput input in inputs)
        {
            if (input.RestartBefore)
                driver.Restart();
            topics[input.Topic].PipeInput(input.Key, input.Value, input.Timestamp);
        }
        return [.. driver.CreateOutputTopic("out", Serdes.String, Serdes.String).ReadRecordsToList().Select(record => $"{record.Key} {record.Value} {record.Timestamp}")];
    }

    private static TimeSpan Milliseconds(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
