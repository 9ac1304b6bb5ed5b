using Assay.Schemas;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Rules;

/// <summary>Computes records and emits those that differ from what was emitted before.</summary>
internal sealed partial class AccuracyJoin
{
    /// <summary>After a closed window changed, or closed: all records that depend on it. An average never ceases to exist: quotes are not taken back.</summary>
    private void Judge(Window window)
    {
        if (!HasAverage(window))
            return;
        PairState pair = window.Pair;
        WindowAverage average = AverageOf(window);
        long until = Math.Min(window.End + _maxAverageAgeMs + 1, NextAverageAfter(window));
        foreach (FeedState feed in pair.Feeds)
        {
            Judge(feed, window, average);
            for (int i = feed.Answers.FirstAtOrAfter(window.End); i < feed.Answers.Count && feed.Answers[i].UpdatedAt < until; i++)
            {
                Answer answer = feed.Answers[i];
                if (answer.Round.Current == answer)
                    Judge(answer.Round, answer, average);
            }
        }
    }

    /// <summary>After an answer came or went: its round's record, and the window records it is, or was, in force for.</summary>
    private void Judge(Answer answer)
    {
        Answer? current = answer.Round.Current;
        Judge(answer.Round, current, current is null ? null : Serving(answer.Round.Feed.Pair, current.UpdatedAt));
        FeedState feed = answer.Round.Feed;
        Timeline<Window> windows = feed.Pair.Windows;
        long until = feed.SupersededAt(answer);
        for (int i = windows.FirstAtOrAfter(Math.Max(answer.UpdatedAt, Horizon)); i < windows.Count && windows[i].End < until; i++)
        {
            if (windows[i].Closed && HasAverage(windows[i]))
                Judge(feed, windows[i], AverageOf(windows[i]));
        }
    }

    private void Judge(FeedState feed, Window window, WindowAverage average)
    {
        if (window.End < Horizon)
            return;
        Answer? answer = feed.InForceAt(window.End);
        if (answer is null && window.Emissions == 0)
            return;
        ref Emission last = ref window.EmissionOf(feed.Name);
        if (answer is null && last.Count == 0)
            return;
        string id = $"{feed.Name}/window/{window.End}";
        if (Emit(ref last, Compute(id, feed, AccuracyTrigger.Window, window.End, last.Count, answer, average)))
            Keep(window);
    }

    private void Judge(Round round, Answer? answer, WindowAverage? average)
    {
        long at = answer?.UpdatedAt ?? round.EmittedAt;
        bool first = round.Emission.Count == 0;
        // A round mined again has moved: its record is revised as long as the place it stood at may be.
        if (Math.Max(at, first ? at : round.EmittedAt) < Horizon || (first && (answer is null || average is null)))
            return;
        string id = $"{round.Feed.Name}/answer/{round.Id}";
        if (!Emit(ref round.Emission, Compute(id, round.Feed, AccuracyTrigger.Answer, at, round.Emission.Count, answer, average)))
            return;
        round.EmittedAt = at;
        Keep(round);
    }

    /// <summary>The record; a retraction where either side is missing.</summary>
    private static Accuracy Compute(string id, FeedState feed, AccuracyTrigger trigger, long at, int revision, Answer? answer, WindowAverage? average)
    {
        if (answer is null || average is null)
            (answer, average) = (null, null);
        AccuracyStatus status = AccuracyStatus.Retracted;
        decimal? deviation = null;
        long? age = null;
        if (answer is not null)
        {
            age = at - answer.UpdatedAt;
            deviation = (new ExactPrice(PriceUnits.Of(answer.Price), 1) - average!.Exact).PercentOf(average.Exact);
            status = age > feed.OldestMs ? AccuracyStatus.Stale
                : Math.Abs(deviation.Value) > feed.LargestDeviation ? AccuracyStatus.Deviating
                : AccuracyStatus.Ok;
        }
        return new Accuracy
        {
            Id = id,
            Pair = feed.Pair.Name,
            Feed = feed.Name,
            ChainId = feed.ChainId,
            Trigger = trigger,
            At = Utc(at),
            Revision = revision,
            Status = status,
            ContractPrice = answer?.Price,
            RoundId = answer?.Round.Id,
            AnswerUpdatedAt = answer is null ? null : Utc(answer.UpdatedAt),
            AnswerAgeMs = age,
            Average = average?.Average,
            WindowStart = average is null ? null : Utc(average.WindowStart),
            WindowEnd = average is null ? null : Utc(average.WindowEnd),
            Sources = average?.Sources ?? [],
            DispersionPct = average?.DispersionPct,
            DeviationPct = deviation,
        };
    }

    private bool Emit(ref Emission last, Accuracy record)
    {
        ulong digest = RecordDigest.Of(record);
        if (last.Count > 0 && last.Digest == digest)
            return false;
        last.Count++;
        last.Digest = digest;
        _emit(record);
        return true;
    }

    private bool HasAverage(Window window) => window.Sums.Length >= _minSources;

    private WindowAverage AverageOf(Window window) => WindowAverage.Of(window, _windowMs, _sourceNames, _method);

    /// <summary>The average for an answer at <paramref name="at"/>: that of the last window with <c>end ≤ at</c> that has one, unless it is too old.</summary>
    private WindowAverage? Serving(PairState pair, long at)
    {
        for (int i = pair.Windows.LastAtOrBefore(at); i >= 0 && at - pair.Windows[i].End <= _maxAverageAgeMs; i--)
        {
            if (pair.Windows[i].Closed && HasAverage(pair.Windows[i]))
                return AverageOf(pair.Windows[i]);
        }
        return null;
    }

    /// <summary>The end of the next window that serves answers; <see cref="long.MaxValue"/> where there is none.</summary>
    private long NextAverageAfter(Window window)
    {
        Timeline<Window> windows = window.Pair.Windows;
        for (int i = windows.FirstAtOrAfter(window.End + 1); i < windows.Count && windows[i].End <= window.End + _maxAverageAgeMs; i++)
        {
            if (windows[i].Closed && HasAverage(windows[i]))
                return windows[i].End;
        }
        return long.MaxValue;
    }

    private static DateTime Utc(long milliseconds) => DateTime.UnixEpoch.AddTicks(milliseconds * TimeSpan.TicksPerMillisecond);
}
