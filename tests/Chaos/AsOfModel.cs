namespace Assay.Chaos.Tests;

/// <summary>A left join of a stream with the version of a table that was valid at each record's time, after a grace for versions that come late.</summary>
/// <remarks>A version older than the history is not taken; in the past beyond it only what still is the latest version can be read.</remarks>
internal sealed class AsOfModel(long history, long grace, Action<string, string, long> give)
{
    private readonly Dictionary<string, SortedDictionary<long, string?>> _versions = [];
    private readonly List<InputRecord> _waiting = [];

    public void Update(InputRecord record, long streamTime)
    {
        if (record.Timestamp < streamTime - history)
            return;
        if (!_versions.TryGetValue(record.Key, out SortedDictionary<long, string?>? versions))
            _versions.Add(record.Key, versions = []);
        versions[record.Timestamp] = record.Value;
    }

    public void Take(InputRecord record, long streamTime)
    {
        if (record.Timestamp <= streamTime - grace)
            Join(record, streamTime);
        else
            _waiting.Add(record);
    }

    /// <summary>Before a record of the stream, and after each record.</summary>
    public void Release(long streamTime)
    {
        foreach (InputRecord record in _waiting.Where(record => record.Timestamp <= streamTime - grace).OrderBy(record => record.Timestamp))
            Join(record, streamTime);
        _waiting.RemoveAll(record => record.Timestamp <= streamTime - grace);
    }

    private void Join(InputRecord record, long streamTime)
    {
        List<KeyValuePair<long, string?>> versions = [.. _versions.GetValueOrDefault(record.Key) ?? []];
        int index = versions.FindLastIndex(version => version.Key <= record.Timestamp);
        bool readable = index >= 0 && (index == versions.Count - 1 || record.Timestamp >= streamTime - history);
        string? value = readable ? versions[index].Value : null;
        give(record.Key, $"{record.Value}@{value}", value is null ? record.Timestamp : Math.Max(record.Timestamp, versions[index].Key));
    }
}
