using System.Collections.Concurrent;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Groups;

/// <summary>All consumer groups of the broker.</summary>
internal sealed class GroupCoordinator : IDisposable
{
    private static readonly TimeSpan OffsetRetention = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly Func<string, Group> _make;

    public GroupCoordinator(StateLog state, ILogger logger, TimeProvider time)
    {
        _make = id => new Group(id, state, logger, time);
        foreach ((string id, GroupRecord record) in state.All<GroupRecord>(GroupRecord.Prefix))
            FindOrCreate(id).Restore(record);
        foreach ((string key, OffsetRecord offset) in state.All<OffsetRecord>(OffsetRecord.Prefix))
        {
            (string group, TopicPartition partition) = OffsetRecord.Parse(key);
            FindOrCreate(group).RestoreOffset(partition, offset);
        }
        foreach ((string key, OffsetRecord offset) in state.All<OffsetRecord>(OffsetRecord.PendingPrefix))
        {
            (string owner, TopicPartition partition) = OffsetRecord.Parse(key);
            string[] parts = owner.Split('\0', 2);
            FindOrCreate(parts[1]).RestorePending(long.Parse(parts[0]), partition, offset);
        }
    }

    public IEnumerable<Group> All => _groups.Values;

    public Group? Find(string id) => _groups.GetValueOrDefault(id);

    public Group FindOrCreate(string id) => _groups.GetOrAdd(id, _make);

    public KafkaError Delete(string id)
    {
        if (Find(id) is not { } group)
            return KafkaError.GroupIdNotFound;
        KafkaError error = group.Delete();
        if (error != KafkaError.None)
            return error;
        _groups.TryRemove(new KeyValuePair<string, Group>(id, group));
        group.Dispose();
        return KafkaError.None;
    }

    /// <summary>Drops the offsets of a deleted topic in all groups.</summary>
    public void Forget(string topic)
    {
        foreach (Group group in All)
            group.Forget(topic);
    }

    /// <summary>Removes groups whose last member left a week ago, as Apache Kafka's offsets.retention does: console clients leave one each.</summary>
    public void Expire()
    {
        foreach (Group group in All.Where(group => group.IdleFor(OffsetRetention)))
            Delete(group.Id);
    }

    public void Dispose()
    {
        foreach (Group group in All)
            group.Dispose();
    }
}
