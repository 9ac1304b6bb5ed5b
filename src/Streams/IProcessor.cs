namespace Assay.Streams;

/// <summary>A step of a topology. Each task has its own instance and calls it from one thread at a time.</summary>
public interface IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>
{
    /// <summary>Called once, before the first record, when the task's stores are restored.</summary>
    void Init(IProcessorContext<TKeyOut, TValueOut> context)
    {
    }

    /// <summary>Takes one record. What it throws goes to <see cref="StreamsOptions.ProcessingExceptionHandler"/>; to be skipped or
    /// dead-lettered cleanly, a record must be refused before it has changed any store.</summary>
    void Process(in Record<TKeyIn, TValueIn> record);

    /// <summary>Called once, when the task is closed.</summary>
    void Close()
    {
    }
}

/// <summary>What a processor sees of the task it runs in.</summary>
public interface IProcessorContext
{
    string ApplicationId { get; }

    TaskId TaskId { get; }

    /// <summary>The highest timestamp the task has taken so far, ms since the epoch; −1 before the first record. It survives restarts.</summary>
    long CurrentStreamTime { get; }

    /// <summary>The wall clock, ms since the epoch.</summary>
    long CurrentSystemTime { get; }

    /// <summary>Where the record in process came from; null while a punctuator runs.</summary>
    RecordMetadata? RecordMetadata { get; }

    /// <summary>A store that was connected to this processor with <see cref="Topology.AddStateStore"/>.</summary>
    TStore GetStateStore<TStore>(string name) where TStore : class, IStateStore;

    /// <summary>Calls <paramref name="punctuator"/> each time <paramref name="interval"/> has passed, with the current time of that type.</summary>
    /// <remarks>Stream time fires at the multiples of the interval since the epoch, wall-clock time at multiples since this call; whoever
    /// comes late to several fires once. Disposing what is returned ends it.</remarks>
    IDisposable Schedule(TimeSpan interval, PunctuationType type, Action<long> punctuator);

    /// <summary>Asks for a commit as soon as the record in process is done, before the commit interval has passed.</summary>
    void Commit();
}

/// <inheritdoc/>
public interface IProcessorContext<TKeyOut, TValueOut> : IProcessorContext
{
    /// <summary>Hands a record to every child, which has processed it when this returns.</summary>
    void Forward(in Record<TKeyOut, TValueOut> record);

    /// <summary>Hands a record to the child of that name.</summary>
    void Forward(in Record<TKeyOut, TValueOut> record, string childName);
}

/// <summary>Which clock drives a punctuator.</summary>
public enum PunctuationType
{
    StreamTime,
    WallClockTime,
}
