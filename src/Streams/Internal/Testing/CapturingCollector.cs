using Assay.Streams.Internal.State;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Testing;

internal sealed record CapturedRecord(byte[]? Key, byte[]? Value, long Timestamp, Headers? Headers);

/// <summary>Keeps what tasks send, per topic, for the test to read, for sub-topologies that read it, and for a restart.</summary>
internal sealed class CapturingCollector(IEnumerable<string> inputTopics) : RecordCollector
{
    private readonly Dictionary<string, Queue<CapturedRecord>> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<CapturedRecord>> _toForward =
        inputTopics.ToDictionary(topic => topic, _ => new Queue<CapturedRecord>(), StringComparer.Ordinal);
    private readonly string _id = Guid.NewGuid().ToString();
    private readonly Dictionary<string, List<CapturedRecord>> _logs = new(StringComparer.Ordinal);

    public IEnumerable<string> Topics => _topics.Keys;

    public Queue<CapturedRecord> Topic(string topic) => Of(_topics, topic);

    public override void Send(string topic, int? partition, RawBytes key, RawBytes value, long timestamp, Headers? headers, Action<long>? acknowledged)
    {
        CapturedRecord record = new(key.ToArray(), value.ToArray(), timestamp, headers);
        Of(_topics, topic).Enqueue(record);
        if (_toForward.TryGetValue(topic, out Queue<CapturedRecord>? readers))
            readers.Enqueue(record);
        // Only changelogs name their partition.
        if (partition is null)
            return;
        List<CapturedRecord> log = Of(_logs, topic);
        acknowledged?.Invoke(log.Count);
        log.Add(record);
    }

    /// <summary>What was written since the last call to a topic that the topology also reads.</summary>
    public IEnumerable<CapturedRecord> TakeForwarded(string topic)
    {
        while (_toForward[topic].TryDequeue(out CapturedRecord? record))
            yield return record;
    }

    public void Restore(StreamTask task)
    {
        // No task but the one it replaces had its folder, and that is closed. The topics are this driver's: what an earlier one left is no part of them.
        task.TryClaimFolder();
        task.OpenStores(_ => _id);
        foreach (ManagedStore store in task.LoggedStores)
        {
            List<CapturedRecord> log = Of(_logs, store.ChangelogTopic);
            foreach (CapturedRecord record in log.Skip((int)(store.Persistence?.Position ?? 0)))
                store.Restore(RawBytes.Of(record.Key), RawBytes.Of(record.Value), record.Timestamp);
            store.Persistence?.RestoredTo(log.Count);
        }
    }

    private static TRecords Of<TRecords>(Dictionary<string, TRecords> records, string topic) where TRecords : new()
    {
        if (!records.TryGetValue(topic, out TRecords? found))
            records.Add(topic, found = new TRecords());
        return found;
    }
}
