using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>When the updates of a table that are held back come out.</summary>
public sealed record Suppressed
{
    private Suppressed(long? timeLimit, BufferConfig buffer)
    {
        TimeLimit = timeLimit;
        Buffer = buffer;
    }

    /// <summary>Names the node; its buffer is then <c>{name}-store</c>. Null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>Milliseconds; null: until the window closes.</summary>
    internal long? TimeLimit { get; }

    internal BufferConfig Buffer { get; }

    /// <summary>Of each window only the final result comes out, when the window closes. Deletions are not sent: nothing came out that they could delete.</summary>
    /// <exception cref="StreamsException">The buffer would emit early.</exception>
    public static Suppressed UntilWindowCloses(BufferConfig buffer) => buffer.EmitsEarly
        ? throw new StreamsException("A window's final result can't be emitted early: let the buffer be unbounded, or shut down when it is full.")
        : new Suppressed(null, buffer);

    /// <summary>Of each key only the last of the updates comes out that arrive within a time, in stream time, after the first.</summary>
    /// <exception cref="StreamsException">The time is negative, or no whole number of milliseconds.</exception>
    public static Suppressed UntilTimeLimit(TimeSpan timeToWaitForMoreEvents, BufferConfig buffer) =>
        new(WindowTimes.Milliseconds(timeToWaitForMoreEvents, "The time to wait for more events", 0), buffer);
}

/// <summary>How much of a table's updates may be held back. The buffer has a changelog, and survives restarts.</summary>
public sealed record BufferConfig
{
    private BufferConfig()
    {
    }

    internal long MostRecords { get; private init; } = long.MaxValue;

    internal long MostBytes { get; private init; } = long.MaxValue;

    internal bool EmitsEarly { get; private init; }

    internal bool LoggingEnabled { get; private init; } = true;

    /// <summary>As much as there is memory.</summary>
    public static BufferConfig Unbounded() => new();

    /// <summary>So many keys; then, unless told otherwise, the earliest come out early.</summary>
    public static BufferConfig MaxRecords(long limit) => new() { MostRecords = limit, EmitsEarly = true };

    /// <summary>So many bytes of keys and values as they are written; then, unless told otherwise, the earliest come out early.</summary>
    public static BufferConfig MaxBytes(long limit) => new() { MostBytes = limit, EmitsEarly = true };

    /// <summary>The same with a bound on the keys too.</summary>
    public BufferConfig WithMaxRecords(long limit) => this with { MostRecords = limit };

    /// <summary>The same with a bound on the bytes too.</summary>
    public BufferConfig WithMaxBytes(long limit) => this with { MostBytes = limit };

    /// <summary>A full buffer lets the earliest out before their time.</summary>
    public BufferConfig EmitEarlyWhenFull() => this with { EmitsEarly = true };

    /// <summary>A full buffer stops the application.</summary>
    public BufferConfig ShutDownWhenFull() => this with { EmitsEarly = false };

    /// <summary>Without a changelog: what is held back is lost with a restart.</summary>
    public BufferConfig WithLoggingDisabled() => this with { LoggingEnabled = false };
}
