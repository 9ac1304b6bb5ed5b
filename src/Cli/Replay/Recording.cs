using Assay.Schemas;
using Assay.Topology;

namespace Assay.Cli.Replay;

/// <summary>A quote as it is kept: a year of minutes for three pairs is 1.6 million of them.</summary>
/// <param name="QuotedAt">Null's place is taken by <see cref="long.MinValue"/>.</param>
internal readonly record struct RecordedQuote(long ObservedAt, long QuotedAt, decimal Price, ushort Pair, ushort Source, int Line)
{
    public long? Quoted => QuotedAt == long.MinValue ? null : QuotedAt;
}

/// <summary>An answer, or the message that takes one back.</summary>
internal sealed record RecordedAnswer(ContractPrice Price, int Line);

/// <summary>What the files held, in their order, and in which order it is delivered.</summary>
internal sealed class Recording
{
    private const string UndeclaredSource = "market";

    private readonly Dictionary<string, ushort> _numbers = [];

    public List<RecordedAnswer> Answers { get; } = [];

    public List<RecordedQuote> Quotes { get; } = [];

    /// <summary>Pairs and sources by the numbers that quotes know them by.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The number of a pair or source; without a name, that of the source <c>market</c>.</summary>
    public ushort NumberOf(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
            name = UndeclaredSource;
        Dictionary<string, ushort>.AlternateLookup<ReadOnlySpan<char>> numbers = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (numbers.TryGetValue(name, out ushort number))
            return number;
        string text = name.ToString();
        if (Names.Count == ushort.MaxValue)
            throw new UserException($"The quotes name more than {ushort.MaxValue} pairs and sources: is a column mistaken for another?");
        _numbers.Add(text, number = (ushort)Names.Count);
        Names.Add(text);
        return number;
    }

    public Quote QuoteOf(in RecordedQuote quote) => new()
    {
        Pair = Names[quote.Pair],
        Source = Names[quote.Source],
        Price = quote.Price,
        QuotedAt = quote.Quoted,
        ObservedAt = quote.ObservedAt,
    };

    public static ContractAnswer AnswerOf(ContractPrice price) => new()
    {
        Pair = price.Pair,
        Feed = price.Feed,
        ChainId = price.ChainId,
        RoundId = price.RoundId,
        Price = price.Price,
        UpdatedAt = Milliseconds(price.UpdatedAt),
        BlockNumber = price.BlockNumber,
        BlockHash = price.BlockHash,
        LogIndex = price.LogIndex,
        Removed = price.Removed,
        ObservedAt = Milliseconds(price.ObservedAt),
    };

    /// <summary>The names of the sources that quotes are of.</summary>
    public IEnumerable<string> Sources() => Quotes.Select(quote => quote.Source).Distinct().Select(source => Names[source]);

    /// <summary>
    /// All inputs by time, at equal times answers first, then as they stand in the files; with a seed, each up to <paramref name="most"/> later than its turn.
    /// </summary>
    public Delivery[] Deliveries(int? seed, TimeSpan most)
    {
        Random? random = seed is { } known ? new Random(known) : null;
        long longest = Math.Max(1, (long)most.TotalMilliseconds);
        Delivery[] deliveries = new Delivery[Answers.Count + Quotes.Count];
        for (int i = 0; i < Answers.Count; i++)
            deliveries[i] = Of(Milliseconds(Answers[i].Price.UpdatedAt), i);
        for (int i = 0; i < Quotes.Count; i++)
            deliveries[Answers.Count + i] = Of(Quotes[i].ObservedAt, Answers.Count + i);
        Array.Sort(deliveries);
        return deliveries;

        Delivery Of(long time, int number) => new(time + (random?.NextInt64(longest) ?? 0), number);
    }

    public static long Milliseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
}

/// <summary>When an input's turn is.</summary>
/// <param name="Time">Milliseconds since the epoch; orders the deliveries.</param>
/// <param name="Number">Answers are numbered first, then quotes.</param>
internal readonly record struct Delivery(long Time, int Number) : IComparable<Delivery>
{
    public int CompareTo(Delivery other) => Time != other.Time ? Time.CompareTo(other.Time) : Number.CompareTo(other.Number);

    public static bool operator <(Delivery a, Delivery b) => a.CompareTo(b) < 0;

    public static bool operator >(Delivery a, Delivery b) => a.CompareTo(b) > 0;

    public static bool operator <=(Delivery a, Delivery b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Delivery a, Delivery b) => a.CompareTo(b) >= 0;
}
