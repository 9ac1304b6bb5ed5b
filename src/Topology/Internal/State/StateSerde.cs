using System.Buffers;
using Assay.Streams;

namespace Assay.Topology.Internal.State;

/// <summary>
/// State in the changelog. A key is one of
/// <code>
/// "c"                        the clock
/// "w" pair end               a window
/// "r" feed round_id          a round
/// </code>
/// Sources and feeds stand by name, so that a changed configuration reads old state; what it no longer knows is left out.
/// </summary>
internal sealed class StateSerde : ISerde<StateKey>, ISerde<StateEntry>
{
    private readonly List<string> _sources;
    private readonly Dictionary<string, int> _sourceIndex;

    public StateSerde(AccuracyOptions options)
    {
        _sources = options.SourceNames;
        _sourceIndex = _sources.Index().ToDictionary(source => source.Item, source => source.Index);
    }

    public void Serialize(StateKey value, IBufferWriter<byte> to, in SerdeContext context)
    {
        StateWriter writer = new(to);
        if (value == StateKey.Clock)
        {
            writer.Unsigned('c');
            return;
        }
        writer.Unsigned(value.Round is null ? 'w' : 'r');
        writer.Text(value.Owner);
        if (value.Round is null)
            writer.Signed(value.WindowEnd);
        else
            writer.Text(value.Round);
    }

    StateKey ISerde<StateKey>.Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        StateReader reader = new(bytes);
        return reader.Unsigned() switch
        {
            'c' => StateKey.Clock,
            'w' => new StateKey(reader.Text(), reader.Signed(), null),
            'r' => new StateKey(reader.Text(), 0, reader.Text()),
            _ => throw Unknown(),
        };
    }

    public void Serialize(StateEntry value, IBufferWriter<byte> to, in SerdeContext context)
    {
        StateWriter writer = new(to);
        switch (value)
        {
            case StreamClock clock:
                writer.Unsigned('c');
                writer.Signed(clock.Time);
                writer.Signed(clock.WindowMs);
                break;
            case Window window:
                writer.Unsigned('w');
                writer.Signed(window.End);
                writer.Unsigned(window.Closed ? 1u : 0);
                Write(writer, window);
                break;
            case Round round:
                writer.Unsigned('r');
                Write(writer, round);
                break;
        }
    }

    StateEntry ISerde<StateEntry>.Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        StateReader reader = new(bytes);
        return reader.Unsigned() switch
        {
            'c' => new StreamClock { Time = reader.Signed(), WindowMs = reader.Signed() },
            'w' => ReadWindow(ref reader),
            'r' => ReadRound(ref reader),
            _ => throw Unknown(),
        };
    }

    private void Write(StateWriter writer, Window window)
    {
        writer.Unsigned((ulong)window.Sums.Length);
        foreach (ref readonly SourceSum sum in window.Sums)
        {
            writer.Text(_sources[sum.Source]);
            writer.Unsigned((ulong)sum.Quotes);
            writer.Wide(sum.Low);
            writer.Unsigned(sum.High);
            writer.Signed(sum.NewestQuotedAt);
        }
        for (int i = 0; i < window.Emissions; i++)
        {
            (string feed, Emission emission) = window.EmissionAt(i);
            writer.Text(feed);
            Write(writer, emission);
        }
    }

    private Window ReadWindow(ref StateReader reader)
    {
        Window window = new(reader.Signed()) { Closed = reader.Unsigned() == 1 };
        for (int left = reader.Count(); left > 0; left--)
        {
            string source = reader.Text();
            SourceSum sum = new() { Quotes = reader.Count(), Low = reader.Wide(), High = (uint)reader.Unsigned(), NewestQuotedAt = reader.Signed() };
            if (!_sourceIndex.TryGetValue(source, out int index))
                continue;
            sum.Source = index;
            window.SumOf(index) = sum;
        }
        while (!reader.AtEnd)
        {
            string feed = reader.Text();
            window.EmissionOf(feed) = ReadEmission(ref reader);
        }
        return window;
    }

    private static void Write(StateWriter writer, Round round)
    {
        writer.Text(round.Id);
        Write(writer, round.Emission);
        writer.Signed(round.EmittedAt);
        foreach (Answer log in round.Logs)
        {
            writer.Signed(log.UpdatedAt);
            writer.Decimal(log.Price);
            writer.Signed(log.BlockNumber);
            writer.Text(log.BlockHash.ToString());
            writer.Signed(log.LogIndex);
            writer.Signed(log.ObservedAt);
            writer.Unsigned(log.Removed ? 1u : 0);
        }
    }

    private static Round ReadRound(ref StateReader reader)
    {
        Round round = new(reader.Text()) { Emission = ReadEmission(ref reader), EmittedAt = reader.Signed() };
        while (!reader.AtEnd)
        {
            round.Add(new Answer(round, reader.Signed(), reader.Decimal(), reader.Signed(), new BlockHash(reader.Text()), (int)reader.Signed(), reader.Signed(), reader.Unsigned() == 1));
        }
        return round;
    }

    private static void Write(StateWriter writer, Emission emission)
    {
        writer.Unsigned((ulong)emission.Count);
        writer.Unsigned(emission.Digest);
    }

    private static Emission ReadEmission(ref StateReader reader) => new() { Count = reader.Count(), Digest = reader.Unsigned() };

    private static FormatException Unknown() => new("A changelog record of the accuracy state is of an unknown kind: it was written by another program or version.");
}
