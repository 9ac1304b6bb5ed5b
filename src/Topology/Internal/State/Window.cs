using System.Numerics;

namespace Assay.Topology.Internal.State;

/// <summary>The fresh quotes of one source in one window, added up exactly.</summary>
internal struct SourceSum
{
    /// <summary>Index in <see cref="AccuracyOptions.SourceNames"/>.</summary>
    public int Source;
    public int Quotes;
    /// <summary>Sum of the prices in units of 10^-18: <c>High × 2^128 + Low</c>.</summary>
    public UInt128 Low;
    public uint High;
    /// <summary>Newest quoted_at; <see cref="long.MinValue"/> where none was given.</summary>
    public long NewestQuotedAt;

    public readonly BigInteger Units => ((BigInteger)High << 128) + Low;

    public void Add(UInt128 units, long quotedAt)
    {
        UInt128 sum = Low + units;
        if (sum < Low)
            High++;
        Low = sum;
        Quotes++;
        if (quotedAt > NewestQuotedAt)
            NewestQuotedAt = quotedAt;
    }
}

/// <summary>What was last emitted for one feed at a window's end.</summary>
internal struct FeedEmission
{
    public string Feed;
    public Emission Emission;

    public readonly void Deconstruct(out string feed, out Emission emission) => (feed, emission) = (Feed, Emission);
}

/// <summary>One window of one pair: its source sums and what was last emitted for each feed at its end. Exists once a fresh quote fell into it.</summary>
internal sealed class Window(long end) : StateEntry, IMoment, IComparable<Window>
{
    private SourceSum[] _sums = new SourceSum[1];
    private int _count;
    private FeedEmission[] _emissions = [];

    /// <summary>Set as soon as the window stands among its pair's windows.</summary>
    public PairState Pair { get; set; } = null!;

    /// <summary>Exclusive; the <c>at</c> of its records.</summary>
    public long End { get; } = end;

    public override StateKey Key => new(Pair.Name, End, null);

    long IMoment.Time => End;

    /// <summary>Its average counts.</summary>
    public bool Closed { get; set; }

    /// <summary>In ordinal order of the sources' names.</summary>
    public ReadOnlySpan<SourceSum> Sums => _sums.AsSpan(0, _count);

    public ReadOnlySpan<FeedEmission> Emissions => _emissions;

    public int CompareTo(Window? other) => End.CompareTo(other!.End);

    public ref SourceSum SumOf(int source)
    {
        int place = 0;
        while (place < _count && _sums[place].Source < source)
            place++;
        if (place == _count || _sums[place].Source != source)
            InsertSum(place, source);
        return ref _sums[place];
    }

    /// <summary>What was emitted for a feed at the window's end; made where there is nothing yet.</summary>
    public ref Emission EmissionOf(string feed)
    {
        foreach (ref FeedEmission known in _emissions.AsSpan())
        {
            if (known.Feed == feed)
                return ref known.Emission;
        }
        _emissions = [.. _emissions, new FeedEmission { Feed = feed }];
        return ref _emissions[^1].Emission;
    }

    private void InsertSum(int place, int source)
    {
        if (_count == _sums.Length)
            Array.Resize(ref _sums, _count * 2);
        Array.Copy(_sums, place, _sums, place + 1, _count - place);
        _sums[place] = new SourceSum { Source = source, NewestQuotedAt = long.MinValue };
        _count++;
    }
}
