using Assay.Streams.Internal;
using Assay.Streams.Internal.State;

namespace Assay.Streams.Tests.State;

internal sealed class Clock : IStreamClock
{
    public long StreamTime { get; set; } = -1;
}

internal sealed record Logged(byte[] Key, byte[]? Value, long Timestamp);

/// <summary>A changelog: what a store has written, from which another is restored.</summary>
internal sealed class Changelog(Clock clock) : IChangelog
{
    public List<Logged> Records { get; } = [];

    public void Append(string topic, RawBytes key, RawBytes value, long? timestamp, Action<long>? acknowledged) =>
        Records.Add(new Logged(key.ToArray()!, value.ToArray(), timestamp ?? Math.Max(clock.StreamTime, 0)));

    /// <summary>Keeps the last record of each key, as compaction does.</summary>
    public void Compact()
    {
        List<Logged> kept = [.. Records.Select((record, offset) => (record, offset)).GroupBy(pair => Convert.ToHexString(pair.record.Key))
            .Select(records => records.Last()).OrderBy(pair => pair.offset).Select(pair => pair.record)];
        Records.Clear();
        Records.AddRange(kept);
    }

    public void RestoreTo(ManagedStore store)
    {
        foreach (Logged record in Records)
            store.Restore(RawBytes.Of(record.Key), RawBytes.Of(record.Value), record.Timestamp);
    }
}

internal static class StoreHarness
{
    public static ManagedStore Build(this StoreBuilder builder, Clock clock) => builder.Build(new StoreContext(new TaskId(0, 0), $"app-{builder.Name}-changelog", clock, State: null, () => { }));

    /// <summary>What a restart does: the store is flushed, and another is filled from the changelog.</summary>
    public static ManagedStore Restart(this StoreBuilder builder, ManagedStore store, Changelog changelog, Clock clock)
    {
        store.Flush(changelog);
        ManagedStore restored = builder.Build(clock);
        changelog.RestoreTo(restored);
        return restored;
    }
}
