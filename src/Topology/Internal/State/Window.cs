using System.Numerics;

namespace Assay.Topology.Internal.State;

/// <summary>The fresh quotes of one source in one window, added up exactly.</summary>
internal struct SourceSum
{
    /// <summary>Index in <see cref="AccuracyOptions.SourceNames"/>.</summary>
    public int Source;
    public int Quotes;
    // Two halves: a UInt128 would be aligned to sixteen bytes, and there are many sums.
    private ulong _lowest;
    private ulong _middle;
    /// <summary>Sum of the prices in units of 10^-18: <c>High × 2^128 + Low</c>.</summary>
    public uint High;
    /// <summary>Newest quoted_at; <see cref="long.MinValue"/> where none was given.</summary>
    public long NewestQuotedAt;

    public UInt128 Low
    {
        readonly get => new(_middle, _lowest);
        set => (_middle, _lowest) = ((ulong)(value >> 64), (ulong)value);
    }

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
    // There are many windows: what they hold is exactly as long as it need be, and the one feed that most pairs have takes no array.
    private SourceSum[] _sums = [];
    private FeedEmission _firstEmission;
    private FeedEmission[] _otherEmissions = [];

    /// <summary>Set as soon as the window stands among its pair's windows.</summary>
    public PairState Pair { get; set; } = null!;

    /// <summary>Exclusive; the <c>at</c> of its records.</summary>
    public long End { get; } = end;

    public override StateKey Key => new(Pair.Name, End, null);

    long IMoment.Time => End;

    /// <summary>Its average counts.</summary>
    public bool Closed { get; set; }

    /// <summary>In ordinal order of the sources' names.</summary>
    public ReadOnlySpan<SourceSum> Sums => _sums;

    /// <summary>For how many feeds something was emitted.</summary>
    public int Emissions => _firstEmission.Feed is null ? 0 : 1 + _otherEmissions.Length;

    public int CompareTo(Window? other) => End.CompareTo(other!.End);

    public ref SourceSum SumOf(int source)
    {
        int place = 0;
        while (place < _sums.Length && _sums[place].Source < source)
            place++;
        if (place == _sums.Length || _sums[place].Source != source)
            InsertSum(place, source);
        return ref _sums[place];
    }

    /// <summary>What was emitted for a feed at the window's end; made where there is nothing yet.</summary>
    public ref Emission EmissionOf(string feed)
    {
        _firstEmission.Feed ??= feed;
        if (_firstEmission.Feed == feed)
            return ref _firstEmission.Emission;
        foreach (ref FeedEmission known in _otherEmissions.AsSpan())
        {
            if (known.Feed == feed)
                return ref known.Emission;
        }
        _otherEmissions = [.. _otherEmissions, new FeedEmission { Feed = feed }];
        return ref _otherEmissions[^1].Emission;
    }

    /// <param name="index">Below <see cref="Emissions"/>.</param>
    public FeedEmission EmissionAt(int index) => index == 0 ? _firstEmission : _otherEmissions[index - 1];

    private void InsertSum(int place, int source)
    {
        SourceSum[] sums = new SourceSum[_sums.Length + 1];
        Array.Copy(_sums, sums, place);
        Array.Copy(_sums, place, sums, place + 1, _sums.Length - place);
        sums[place] = new SourceSum { Source = source, NewestQuotedAt = long.MinValue };
        _sums = sums;
    }
}
