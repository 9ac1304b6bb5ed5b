namespace Assay.Topology.Tests.Harness;

/// <summary>A configuration, inputs and an order of delivery, all drawn from one seed. Prices have at most six decimals.</summary>
internal sealed class RandomCase
{
    private static readonly string[] AllPairs = ["ETH-USD", "BTC-USD", "LINK-USD", "SOL-USD"];

    private readonly Random _random;
    private readonly long _length;

    public RandomCase(int seed)
    {
        _random = new Random(seed);
        Options = DrawOptions();
        _length = WindowMs * _random.Next(2, 24);
        DrawQuotes();
        DrawAnswers();
        long reviseWithin = (long)Options.ReviseWithin.TotalMilliseconds;
        Delivery = [.. Quotes.Select(quote => (quote.ObservedAt, (object)quote)).Concat(Messages.Select(message => (message.UpdatedAt, (object)message)))
            .Select(input => (input.Item1 + _random.NextInt64(reviseWithin), input.Item2)).OrderBy(input => input.Item1).Select(input => input.Item2)];
    }

    public AccuracyOptions Options { get; }
    public List<Quote> Quotes { get; } = [];
    public List<ContractAnswer> Messages { get; } = [];

    /// <summary>All inputs in a random order in which none comes later than revise_within behind the latest.</summary>
    public List<object> Delivery { get; }

    /// <summary>A moment after the closing of every window.</summary>
    public long End => Given.Start + _length + 9 * WindowMs + (long)Options.Grace.TotalMilliseconds;

    private long WindowMs => (long)Options.Window.TotalMilliseconds;

    private AccuracyOptions DrawOptions()
    {
        TimeSpan window = TimeSpan.FromMilliseconds(Pick(1_000, 5_000, 7_001));
        string[] pairs = AllPairs[..Pick(1, 1, 2, 4)];
        List<AccuracyFeed> feeds = [];
        foreach (string pair in pairs)
        {
            for (int i = _random.Next(1, 4); i > 0; i--)
                feeds.Add(new AccuracyFeed($"{pair}-{i}".ToLowerInvariant(), pair, i, window * Pick(1, 4, 20), Pick(0.1m, 0.5m, 3m)));
        }
        string[] names = ["kraken", "coingecko", "coinpaprika", "Binance"];
        int sources = _random.Next(1, names.Length + 1);
        return new AccuracyOptions
        {
            Window = window,
            Grace = Pick(TimeSpan.Zero, window / 10, window * 2.5),
            Average = Pick(AverageMethod.Mean, AverageMethod.Median),
            MinSources = _random.Next(1, Math.Min(sources, 3) + 1),
            MaxAverageAge = Pick<TimeSpan?>(null, TimeSpan.Zero, window * 1.5, window * 12),
            HeartbeatSlack = Pick(TimeSpan.Zero, window),
            DeviationSlack = Pick(0m, 0.25m),
            ReviseWithin = window * Pick(4, 10, 100),
            Feeds = feeds,
            Sources = [.. names.Take(sources).Select(name => new AccuracySource(name, Pick<TimeSpan?>(null, null, window)))],
        };
    }

    private void DrawQuotes()
    {
        foreach (string pair in Options.Feeds.Select(feed => feed.Pair).Distinct())
        {
            foreach (AccuracySource source in Options.Sources)
            {
                long dies = _random.Next(4) == 0 ? _random.NextInt64(_length) : _length;
                long pause = Pick(WindowMs / 4, WindowMs, WindowMs * 3);
                for (long at = _random.NextInt64(WindowMs); at < dies; at += Pick(0, 1, pause, _random.NextInt64(2 * pause)))
                {
                    if (_random.Next(30) == 0)
                        at += WindowMs * _random.Next(8);
                    long moment = Given.Start + Edge(at);
                    long? quotedAt = _random.Next(3) == 0 ? null : moment - _random.NextInt64(2 * WindowMs);
                    Quotes.Add(new Quote { Pair = pair, Source = source.Name, Price = Price(), QuotedAt = quotedAt, ObservedAt = moment });
                }
            }
        }
    }

    private void DrawAnswers()
    {
        foreach (AccuracyFeed feed in Options.Feeds)
        {
            long pause = Pick(WindowMs / 2, WindowMs * 3, WindowMs * 15);
            int round = 8;
            for (long at = _random.NextInt64(2 * pause) - pause; at < _length; at += Pick(0, _random.NextInt64(2 * pause)))
            {
                long moment = Given.Start + Edge(at);
                ContractAnswer answer = new()
                {
                    Pair = feed.Pair,
                    Feed = feed.Name,
                    ChainId = feed.ChainId,
                    RoundId = $"{round}",
                    Price = Price(),
                    UpdatedAt = moment,
                    BlockNumber = moment / 1_000,
                    BlockHash = $"0x{_random.Next(3)}{round++:x}",
                    LogIndex = _random.Next(2),
                    ObservedAt = moment + _random.Next(3),
                };
                Messages.Add(answer);
                for (int again = _random.Next(8); again > 5; again--)
                    Messages.Add(answer with { ObservedAt = answer.ObservedAt + _random.Next(4) });
                if (_random.Next(6) == 0)
                    Reorganise(answer);
            }
        }
    }

    private void Reorganise(ContractAnswer answer)
    {
        Messages.Add(answer with { Removed = true, ObservedAt = answer.ObservedAt + _random.Next(5) });
        switch (_random.Next(3))
        {
            case 0:
                Messages.Add(answer with { ObservedAt = answer.ObservedAt + _random.Next(8) });
                break;
            case 1:
                Messages.Add(answer with { BlockHash = answer.BlockHash + "-again", BlockNumber = answer.BlockNumber + _random.Next(2), UpdatedAt = answer.UpdatedAt + _random.Next(1_500) });
                break;
        }
    }

    /// <summary>Often exactly a window's edge, or a millisecond beside it.</summary>
    private long Edge(long at) => _random.Next(4) == 0 ? Math.Max(0, at / WindowMs * WindowMs + _random.Next(-1, 2)) : at;

    private decimal Price() => Pick(100m, 100m + _random.Next(-30, 31) / 10m, 100m + _random.Next(-1_000_000, 1_000_001) / 1_000_000m);

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
