using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// Metadata v0–13 (v9 flexible; v4 adds allow auto creation, v10 topic ids, v12 asking by id): brokers and topics. In v0 an empty list means all topics, from
/// v1 on null does and empty means none. A topic that is named and missing is made where client and broker allow it. What is asked twice is answered once.
/// </summary>
internal sealed class MetadataHandler() : ImmediateHandler<MetadataRequest>(3, 0, 13, 9)
{
    protected override IMessage Handle(MetadataRequest request, RequestContext context)
    {
        bool all = request.Topics is null || context.Version == 0 && request.Topics.Length == 0;
        return new MetadataResponse
        {
            Brokers = [new MetadataResponse.Broker { NodeId = Node.Id, Host = context.Host, Port = context.Node.Port }],
            ClusterId = context.Node.ClusterId,
            ControllerId = Node.Id,
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Cluster : AuthorizedOperations.Unknown,
            Topics = all ? [.. context.Node.Topics.All.Select(topic => Describe(topic, request))] : [.. request.Topics!.DistinctBy(asked => (asked.Name, asked.TopicId)).Select(asked => Find(asked, request, context))],
        };
    }

    private static MetadataResponse.Topic Find(MetadataRequest.Topic asked, MetadataRequest request, RequestContext context)
    {
        // Whoever asks by id leaves the name null, or empty, as Apache Kafka's own admin client does.
        if (asked.Name is null || asked.TopicId != Guid.Empty)
            return context.Node.Topics.Find(asked.TopicId) is { } known
                ? Describe(known, request)
                : new MetadataResponse.Topic { ErrorCode = KafkaError.UnknownTopicId, TopicId = asked.TopicId };
        KafkaError error = KafkaError.None;
        Topic? topic = context.Node.Topics.Find(asked.Name);
        if (topic is null)
            (error, topic) = request.AllowAutoTopicCreation && context.Node.Options.AutoCreateTopics
                ? context.Node.Topics.FindOrCreate(asked.Name)
                : (TopicCatalog.NameProblem(asked.Name) is null ? KafkaError.UnknownTopicOrPartition : KafkaError.InvalidTopic, null);
        return topic is null ? new MetadataResponse.Topic { ErrorCode = error, Name = asked.Name } : Describe(topic, request);
    }

    private static MetadataResponse.Topic Describe(Topic topic, MetadataRequest request) => new()
    {
        TopicAuthorizedOperations = request.IncludeTopicAuthorizedOperations ? AuthorizedOperations.Topic : AuthorizedOperations.Unknown,
        Name = topic.Name,
        TopicId = topic.Id,
        Partitions = [.. Enumerable.Range(0, topic.Partitions.Count).Select(index => new MetadataResponse.Topic.Partition
        {
            PartitionIndex = index, LeaderId = Node.Id, LeaderEpoch = Node.LeaderEpoch, ReplicaNodes = [Node.Id], IsrNodes = [Node.Id],
        })],
    };
}
