namespace Assay.Chaos.Tests;

/// <summary>Sessions, each given once, when it has closed, with the number of its records.</summary>
/// <remarks>A session is closed when its end, the gap and the grace lie before stream time; nothing is added to it then.</remarks>
internal sealed class SessionModel(long gap, long grace, Action<string, string, long> give)
{
    private readonly List<Session> _open = [];

    public void Take(InputRecord record, long streamTime)
    {
        List<Session> joined = [.. _open.Where(session => session.Key == record.Key && !IsClosed(session.End, streamTime)
            && session.Start <= record.Timestamp + gap && session.End >= record.Timestamp - gap)];
        long end = Math.Max(record.Timestamp, joined.Select(session => session.End).DefaultIfEmpty(long.MinValue).Max());
        if (IsClosed(end, streamTime))
            return;
        _open.RemoveAll(joined.Contains);
        _open.Add(new Session(
            record.Key, Math.Min(record.Timestamp, joined.Select(session => session.Start).DefaultIfEmpty(long.MaxValue).Min()), end,
            joined.Sum(session => session.Count) + 1));
    }

    public void Close(long streamTime)
    {
        foreach (Session session in _open.Where(session => IsClosed(session.End, streamTime)).OrderBy(session => session.End))
            give(session.Key, $"{session.Start}–{session.End}: {session.Count}", session.End);
        _open.RemoveAll(session => IsClosed(session.End, streamTime));
    }

    private bool IsClosed(long end, long streamTime) => end + gap + grace < streamTime;

    private sealed record Session(string Key, long Start, long End, int Count);
}
