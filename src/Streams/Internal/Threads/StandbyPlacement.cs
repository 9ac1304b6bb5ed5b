using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Kafka;

namespace Assay.Streams.Internal.Threads;

/// <summary>Says which standbys an instance keeps. All instances come to the same answer from the same members, so none has to be told.</summary>
/// <remarks>For each task with state the instances that do not have it active are put in the order of a hash of both; the first of them keep it. Who comes or goes
/// moves no standby between others.</remarks>
internal static class StandbyPlacement
{
    private const string ThreadSuffix = "-StreamThread-";

    /// <param name="instance">The asking instance's client id: <c>{application}-{instance}</c>.</param>
    /// <param name="members">Of the group.</param>
    /// <param name="graph">The topology.</param>
    /// <param name="partitionCounts">Of each input.</param>
    /// <param name="replicas">Standbys of each task.</param>
    public static IEnumerable<TaskId> Of(
        string instance, IReadOnlyCollection<GroupMember> members, TopologyGraph graph, IReadOnlyDictionary<string, int> partitionCounts, int replicas)
    {
        string[] instances = [.. members.Select(InstanceOf).Distinct(StringComparer.Ordinal)];
        foreach (SubTopology subTopology in graph.SubTopologies.Where(subTopology => subTopology.Stores.Any(store => store.LoggingEnabled)))
        {
            string leader = subTopology.Leader(partitionCounts);
            for (int partition = 0; partition < partitionCounts[leader]; partition++)
            {
                TaskId id = new(subTopology.Id, partition);
                string? active = members.Where(member => member.Leaders.Contains((leader, partition))).Select(InstanceOf).FirstOrDefault();
                IEnumerable<string> keepers = instances.Where(candidate => candidate != active)
                    .OrderBy(candidate => Hash($"{id}@{candidate}")).ThenBy(candidate => candidate, StringComparer.Ordinal).Take(replicas);
                if (active is not null && keepers.Contains(instance))
                    yield return id;
            }
        }
    }

    /// <summary>The instance's part of a member's client id, <c>{application}-{instance}-StreamThread-{n}-consumer</c>, with the application in front.</summary>
    private static string InstanceOf(GroupMember member)
    {
        int end = member.ClientId.LastIndexOf(ThreadSuffix, StringComparison.Ordinal);
        return end < 0 ? member.ClientId : member.ClientId[..end];
    }

    /// <summary>FNV-1a: the same in every process.</summary>
    private static uint Hash(string text)
    {
        uint hash = 2166136261;
        foreach (char character in text)
            hash = (hash ^ character) * 16777619;
        return hash;
    }
}
