using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>How far apart in time two records of joined streams may be: the right one from <see cref="BeforeMs"/> before the left one to <see cref="AfterMs"/> after it, both inclusive.</summary>
public sealed class JoinWindows
{
    private JoinWindows(long before, long after, long grace)
    {
        if (before + after < 0)
            throw new StreamsException($"A join's window reaches from {before} ms before a record to {after} ms after it: it must not end before it begins.");
        BeforeMs = before;
        AfterMs = after;
        GraceMs = grace;
    }

    /// <summary>Milliseconds that the right record may be earlier; negative where it must be later.</summary>
    public long BeforeMs { get; }

    /// <summary>Milliseconds that the right record may be later; negative where it must be earlier.</summary>
    public long AfterMs { get; }

    /// <summary>Milliseconds of stream time that a window stays open after its end, for records out of order.</summary>
    public long GraceMs { get; }

    /// <summary>Records that are at most <paramref name="timeDifference"/> apart.</summary>
    /// <param name="timeDifference">Either way.</param>
    /// <param name="grace">How long a window stays open after its end.</param>
    /// <exception cref="StreamsException">A time is negative, or no whole number of milliseconds.</exception>
    public static JoinWindows OfTimeDifferenceAndGrace(TimeSpan timeDifference, TimeSpan grace)
    {
        long difference = WindowTimes.Milliseconds(timeDifference, "A join window's time difference", least: 0);
        return new JoinWindows(difference, difference, WindowTimes.Milliseconds(grace, "A join window's grace", least: 0));
    }

    /// <summary>Records that are at most <paramref name="timeDifference"/> apart; a window closes at its end.</summary>
    /// <exception cref="StreamsException">The time is negative, or no whole number of milliseconds.</exception>
    public static JoinWindows OfTimeDifferenceWithNoGrace(TimeSpan timeDifference) => OfTimeDifferenceAndGrace(timeDifference, TimeSpan.Zero);

    /// <summary>The same, but the right record may be up to this much earlier.</summary>
    /// <exception cref="StreamsException">The window would end before it begins, or the time is no whole number of milliseconds.</exception>
    public JoinWindows Before(TimeSpan timeDifference) => new(WindowTimes.Milliseconds(timeDifference, "A join window's time before", least: long.MinValue), AfterMs, GraceMs);

    /// <summary>The same, but the right record may be up to this much later.</summary>
    /// <exception cref="StreamsException">The window would end before it begins, or the time is no whole number of milliseconds.</exception>
    public JoinWindows After(TimeSpan timeDifference) => new(BeforeMs, WindowTimes.Milliseconds(timeDifference, "A join window's time after", least: long.MinValue), GraceMs);
}

/// <summary>How the records of two joined streams are kept while others may still meet them.</summary>
/// <param name="KeySerde">For the changelogs, and for repartition topics where keys were changed.</param>
/// <param name="LeftSerde">The same, for the left stream's values.</param>
/// <param name="RightSerde">The same, for the right stream's values.</param>
public sealed record StreamJoined<TKey, TLeft, TRight>(ISerde<TKey> KeySerde, ISerde<TLeft> LeftSerde, ISerde<TRight> RightSerde)
{
    /// <summary>The nodes are <c>{name}-this-join</c> and so on, repartition topics <c>{name}-left-repartition</c> and <c>{name}-right-repartition</c>. Null: names are made.</summary>
    public string? Name { get; init; }

    /// <summary>The stores are <c>{name}-this-join-store</c> and so on. Null: they are named after generated nodes.</summary>
    public string? StoreName { get; init; }

    /// <summary>Whether the stores have changelogs; without, what was not joined before a restart never is. Default true.</summary>
    public bool LoggingEnabled { get; init; } = true;
}
