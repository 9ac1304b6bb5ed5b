namespace Assay.Ingest.Apis.Internal;

/// <summary>Remembers what has been said of a failure that lasts, so that each of its causes is logged once and its end once. Safe for several threads.</summary>
internal sealed class Outage(TimeProvider time)
{
    private readonly HashSet<string> _said = [];
    private long _since;

    /// <summary>Notes a failure; true where this outage has not had its cause yet.</summary>
    public bool Begins(string reason)
    {
        lock (_said)
        {
            if (_said.Count == 0)
                _since = time.GetTimestamp();
            return _said.Add(reason);
        }
    }

    /// <summary>Notes a success; how long the outage lasted where there was one, else null.</summary>
    public TimeSpan? Ends()
    {
        lock (_said)
        {
            if (_said.Count == 0)
                return null;
            _said.Clear();
            return time.GetElapsedTime(_since);
        }
    }
}
