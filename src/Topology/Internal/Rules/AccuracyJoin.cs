using System.Runtime.InteropServices;
using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Rules;

/// <summary>
/// The accuracy rules over one partition of quotes and answers (semantics: The one rule).
/// <para>
/// Every record is a pure function of the windows and answers held here. An input changes one window or one answer; the records that depend on it are
/// computed anew, compared with what was last emitted under their ids, and emitted where they differ:
/// </para>
/// <list type="bullet">
/// <item>a window that closes, or changes when closed: the window record of each feed of its pair, and the answer records it serves, which are those from its
/// end up to the end of the next window with an average, at most <c>max_average_age</c>;</item>
/// <item>an answer that comes or goes: its round's record, and the window records with an end from its <c>updated_at</c> up to that of the next answer.</item>
/// </list>
/// <para>
/// Only closed windows count. An answer that is processed before the window it belongs to has closed is compared with the one before, and revised at the
/// closing: every figure emitted is that of a whole window, and the last one is the same whatever the order of arrival.
/// </para>
/// <para>
/// Stream time is the latest time among the inputs taken; it moves before an input is applied, and past the closing of each window by itself, so that a gap
/// in the input loses none. A record is emitted while <c>at ≥ stream time − revise_within</c> (the horizon), then stands. What records from the horizon on can
/// still depend on is kept: windows up to <c>max_average_age</c> before it, answers, of which there are few, up to <c>revise_within</c> before it, so that a
/// round mined again goes on counting its revisions, and always the last answer before those. The rest expires.
/// </para>
/// <para>
/// A log is named by (chain_id, block_hash, log_index). Of several messages about one log the one with the latest <c>observed_at</c> counts, of equally late
/// ones the removal: so a reorganisation that is itself undone brings the answer back, and the order of arrival decides nothing.
/// </para>
/// </summary>
internal sealed partial class AccuracyJoin
{
    private readonly Dictionary<string, PairState> _pairs = [];
    private readonly Dictionary<string, FeedState> _feeds = [];
    private readonly Dictionary<string, int> _sources = [];
    private readonly List<string> _sourceNames;
    private readonly long[] _sourceMaxAge;
    private readonly long _windowMs;
    private readonly long _graceMs;
    private readonly long _maxAverageAgeMs;
    private readonly long _reviseWithinMs;
    private readonly int _minSources;
    private readonly AverageMethod _method;
    private readonly InputCheck _check;
    private readonly IKeyValueStore<StateKey, StateEntry> _store;
    private readonly Action<Accuracy> _emit;

    private readonly PriorityQueue<Window, (long End, int Pair)> _open = new();
    private long _nextClosing = long.MaxValue;
    private StreamClock _clock;

    /// <param name="options">Checked: <see cref="AccuracyOptions.Check"/>.</param>
    /// <param name="now">The clock, milliseconds since the epoch: tells which inputs are ahead of it.</param>
    /// <param name="store">What an earlier run left is taken up.</param>
    /// <param name="emit">Takes each record that is due, in order.</param>
    public AccuracyJoin(AccuracyOptions options, Func<long> now, IKeyValueStore<StateKey, StateEntry> store, Action<Accuracy> emit)
    {
        _store = store;
        _emit = emit;
        _check = new InputCheck(now);
        _windowMs = Milliseconds(options.Window);
        _graceMs = Milliseconds(options.Grace);
        _maxAverageAgeMs = Milliseconds(options.LongestAverageAge);
        _reviseWithinMs = Milliseconds(options.ReviseWithin);
        _minSources = options.MinSources;
        _method = options.Average;
        _sourceNames = options.SourceNames;
        _sourceMaxAge = new long[_sourceNames.Count];
        foreach (AccuracySource source in options.Sources)
        {
            int index = _sourceNames.IndexOf(source.Name);
            _sources.Add(source.Name, index);
            _sourceMaxAge[index] = source.MaxAge is { } age ? Milliseconds(age) : long.MaxValue;
        }
        foreach (AccuracyFeed feed in options.Feeds)
        {
            if (!_pairs.TryGetValue(feed.Pair, out PairState? pair))
                _pairs.Add(feed.Pair, pair = new PairState(feed.Pair, _pairs.Count));
            FeedState state = new(feed, pair, options.HeartbeatSlack, options.DeviationSlack);
            pair.Feeds.Add(state);
            _feeds.Add(feed.Name, state);
        }
        Restore();
    }

    /// <summary>How many inputs came too late to change anything.</summary>
    public long TooLate { get; private set; }

    /// <summary>Records before it stand as they are.</summary>
    public long Horizon => _clock.Time - _reviseWithinMs;

    /// <summary>Takes a quote; returns why it was rejected, or null.</summary>
    public Rejection? Add(Quote quote)
    {
        if (!_pairs.TryGetValue(quote.Pair, out PairState? pair) || !_sources.TryGetValue(quote.Source, out int source) || !_check.IsGood(quote))
            return _check.Explain(quote, pair is not null, _sources.ContainsKey(quote.Source));
        Advance(quote.ObservedAt);
        if (quote.QuotedAt is { } quotedAt && quote.ObservedAt - quotedAt > _sourceMaxAge[source])
            return null;
        long end = quote.ObservedAt - Modulo(quote.ObservedAt, _windowMs) + _windowMs;
        if (end < Horizon - _maxAverageAgeMs)
        {
            TooLate++;
            return null;
        }
        Window window = pair.Latest is { } latest && latest.End == end ? latest : WindowOf(pair, end);
        window.SumOf(source).Add(PriceUnits.Of(quote.Price), quote.QuotedAt ?? long.MinValue);
        Keep(window);
        if (window.Closed)
            Judge(window);
        return null;
    }

    /// <summary>Takes an answer, or the message that takes one back; returns why it was rejected, or null.</summary>
    public Rejection? Add(ContractAnswer answer)
    {
        if (!_feeds.TryGetValue(answer.Feed, out FeedState? feed) || feed.Pair.Name != answer.Pair || feed.ChainId != answer.ChainId || !_check.IsGood(answer))
            return InputCheck.Explain(answer, _pairs.ContainsKey(answer.Pair), feed);
        Advance(answer.UpdatedAt);
        ref Round? round = ref CollectionsMarshal.GetValueRefOrAddDefault(feed.Rounds, answer.RoundId, out _);
        round ??= new Round(answer.RoundId) { Feed = feed };
        BlockHash block = new(answer.BlockHash);
        if (round.Find(block, answer.LogIndex) is { } known)
        {
            bool changed = known.Hear(answer.ObservedAt, answer.Removed, out bool newer);
            if (newer)
                Keep(round);
            if (changed)
                Judge(known);
        }
        else
        {
            Answer log = new(round, answer.UpdatedAt, PriceUnits.Plain(answer.Price), answer.BlockNumber, block, answer.LogIndex, answer.ObservedAt, answer.Removed);
            round.Add(log);
            feed.Answers.Add(log);
            Keep(round);
            if (!log.Removed)
                Judge(log);
        }
        Expire(feed);
        return null;
    }

    /// <summary>Moves stream time on, as an input of that time would; closes the windows that are due.</summary>
    public void Advance(long time)
    {
        if (time <= _clock.Time)
            return;
        while (time >= _nextClosing)
            CloseNext();
        _clock.Time = time;
        Keep(_clock);
    }

    /// <summary>Lets stream time run on until every window has closed.</summary>
    public void CloseAll()
    {
        while (_open.Count > 0)
            CloseNext();
    }

    private void CloseNext()
    {
        Window window = _open.Dequeue();
        _clock.Time = Math.Max(_clock.Time, window.End + _graceMs);
        _nextClosing = _open.TryPeek(out Window? next, out _) ? next.End + _graceMs : long.MaxValue;
        window.Closed = true;
        Keep(window);
        Judge(window);
        Expire(window.Pair);
    }

    private Window WindowOf(PairState pair, long end)
    {
        int index = pair.Windows.FirstAtOrAfter(end);
        Window window;
        if (index < pair.Windows.Count && pair.Windows[index].End == end)
        {
            window = pair.Windows[index];
        }
        else
        {
            window = new Window(end) { Pair = pair, Closed = end + _graceMs <= _clock.Time };
            pair.Windows.Add(window);
            if (!window.Closed)
                Await(window);
        }
        return pair.Latest = window;
    }

    private void Await(Window window)
    {
        _open.Enqueue(window, (window.End, window.Pair.Index));
        _nextClosing = Math.Min(_nextClosing, window.End + _graceMs);
    }

    private void Expire(PairState pair)
    {
        long oldest = Horizon - _maxAverageAgeMs;
        while (pair.Windows.Count > 0 && pair.Windows[0].End < oldest)
        {
            _store.Delete(pair.Windows[0].Key);
            if (pair.Latest == pair.Windows[0])
                pair.Latest = null;
            pair.Windows.RemoveFirst();
        }
        foreach (FeedState feed in pair.Feeds)
            Expire(feed);
    }

    private void Expire(FeedState feed)
    {
        Timeline<Answer> answers = feed.Answers;
        long oldest = Horizon - _reviseWithinMs;
        if (answers.Count == 0 || answers[0].UpdatedAt >= oldest)
            return;
        Answer? kept = feed.InForceAt(oldest);
        while (answers.Count > 0 && answers[0] != kept && answers[0].UpdatedAt < oldest)
        {
            Round round = answers[0].Round;
            round.Remove(answers[0]);
            answers.RemoveFirst();
            if (round.Logs.Length > 0)
            {
                Keep(round);
                continue;
            }
            feed.Rounds.Remove(round.Id);
            _store.Delete(round.Key);
        }
    }

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private static long Modulo(long value, long divisor)
    {
        long remainder = value % divisor;
        return remainder < 0 ? remainder + divisor : remainder;
    }
}
