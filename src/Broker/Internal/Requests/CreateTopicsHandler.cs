using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// CreateTopics v2–7 (v5 flexible, and answers with the topic's settings; v7 adds topic ids): −1 partitions or replicas mean the default; a replica assignment
/// may name this node alone.
/// </summary>
internal sealed class CreateTopicsHandler() : ImmediateHandler<CreateTopicsRequest>(19, 2, 7, 5)
{
    protected override IMessage Handle(CreateTopicsRequest request, RequestContext context)
    {
        HashSet<string> twice = [.. request.Topics.GroupBy(topic => topic.Name).Where(same => same.Count() > 1).Select(same => same.Key)];
        return new CreateTopicsResponse
        {
            Topics = [.. request.Topics.Select(topic => twice.Contains(topic.Name)
                ? Refused(topic.Name, KafkaError.InvalidRequest, $"The request names the topic {topic.Name} twice.")
                : Create(topic, request.ValidateOnly, context))],
        };
    }

    private static CreateTopicsResponse.CreatableTopicResult Create(CreateTopicsRequest.CreatableTopic wanted, bool validateOnly, RequestContext context)
    {
        if (TopicCatalog.NameProblem(wanted.Name) is { } nameProblem)
            return Refused(wanted.Name, KafkaError.InvalidTopic, nameProblem);
        if (context.Node.Topics.Find(wanted.Name) is not null)
            return Refused(wanted.Name, KafkaError.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists.");
        if (context.Node.Topics.All.FirstOrDefault(topic => Alike(topic.Name) == Alike(wanted.Name)) is { } alike)
            return Refused(wanted.Name, KafkaError.InvalidTopic, $"Topic '{wanted.Name}' differs from '{alike.Name}' only in dots and underscores, which metrics take for the same.");
        bool assigned = wanted.Assignments.Length > 0;
        if (assigned && (wanted.NumPartitions != -1 || wanted.ReplicationFactor != -1))
            return Refused(wanted.Name, KafkaError.InvalidRequest, "Both a partition count or replication factor and an assignment are given; only one may be.");
        if (assigned && !IsSound(wanted.Assignments))
            return Refused(wanted.Name, KafkaError.InvalidReplicaAssignment, $"Partitions are numbered from 0 and each has broker {Node.Id} as its only replica.");
        if (!assigned && wanted.ReplicationFactor is not (-1 or 1))
            return Refused(wanted.Name, KafkaError.InvalidReplicationFactor, $"Replication factor {wanted.ReplicationFactor} needs as many brokers; this one is alone: use 1.");
        int partitions = assigned ? wanted.Assignments.Length : wanted.NumPartitions == -1 ? context.Node.Options.DefaultPartitions : wanted.NumPartitions;
        if (partitions < 1)
            return Refused(wanted.Name, KafkaError.InvalidPartitions, "A topic has at least 1 partition.");
        foreach (NamedValue setting in wanted.Configs)
            if (TopicConfig.Problem(setting.Name, setting.Value) is { } problem)
                return Refused(wanted.Name, KafkaError.InvalidConfig, problem);

        Dictionary<string, string> settings = [];
        foreach (NamedValue setting in wanted.Configs)
            settings[setting.Name] = setting.Value!;
        if (validateOnly)
            return Made(wanted.Name, Guid.Empty, partitions, new TopicConfig(settings));
        (KafkaError error, Topic? topic) = context.Node.Topics.Create(wanted.Name, partitions, settings);
        return error == KafkaError.None
            ? Made(wanted.Name, topic!.Id, partitions, topic.Config)
            : Refused(wanted.Name, error, error == KafkaError.InvalidPartitions ? $"More than {context.Node.Options.MaxPartitions} partitions in all are not served here." : null);
    }

    private static string Alike(string name) => name.Replace('.', '_');

    private static bool IsSound(CreateTopicsRequest.CreatableTopic.CreatableReplicaAssignment[] assignments) =>
        assignments.Select(each => each.PartitionIndex).Order().SequenceEqual(Enumerable.Range(0, assignments.Length))
        && Array.TrueForAll(assignments, each => each.BrokerIds is [Node.Id]);

    private static CreateTopicsResponse.CreatableTopicResult Refused(string name, KafkaError error, string? reason) => new() { Name = name, ErrorCode = error, ErrorMessage = reason };

    private static CreateTopicsResponse.CreatableTopicResult Made(string name, Guid id, int partitions, TopicConfig config) => new()
    {
        Name = name,
        TopicId = id,
        NumPartitions = partitions,
        ReplicationFactor = 1,
        Configs = [.. TopicConfig.Known.Values.Select(key => new CreateTopicsResponse.CreatableTopicResult.CreatableTopicConfigs
        {
            Name = key.Name, Value = config.Value(key.Name), ConfigSource = ConfigResources.Source(config, key.Name),
        })],
    };
}
