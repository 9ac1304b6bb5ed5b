using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>CreatePartitions v0–3 (v2 flexible): adds partitions to topics; they are never taken away.</summary>
internal sealed class CreatePartitionsHandler() : ImmediateHandler<CreatePartitionsRequest>(37, 0, 3, 2)
{
    protected override IMessage Handle(CreatePartitionsRequest request, RequestContext context) => new CreatePartitionsResponse
    {
        Results = [.. request.Topics.GroupBy(topic => topic.Name).Select(same =>
        {
            (KafkaError error, string? reason) = same.Count() > 1
                ? (KafkaError.InvalidRequest, $"The request names the topic {same.Key} twice.")
                : Grow(same.Single(), request.ValidateOnly, context);
            return new CreatePartitionsResponse.TopicResult { Name = same.Key, ErrorCode = error, ErrorMessage = reason };
        })],
    };

    private static (KafkaError Error, string? Reason) Grow(CreatePartitionsRequest.Topic wanted, bool validateOnly, RequestContext context)
    {
        if (context.Node.Topics.Find(wanted.Name) is not { } topic)
            return (KafkaError.UnknownTopicOrPartition, $"There is no topic '{wanted.Name}'.");
        if (wanted.Count <= topic.Partitions.Count)
            return (KafkaError.InvalidPartitions, $"The topic {topic.Name} has {topic.Partitions.Count} partitions already; {wanted.Count} would not be an increase.");
        if (wanted.Assignments is not null
            && (wanted.Assignments.Length != wanted.Count - topic.Partitions.Count || !Array.TrueForAll(wanted.Assignments, each => each.BrokerIds is [Node.Id])))
            return (KafkaError.InvalidReplicaAssignment, $"Each new partition has broker {Node.Id} as its only replica.");
        if (validateOnly)
            return (KafkaError.None, null);
        KafkaError error = context.Node.Topics.Grow(topic, wanted.Count);
        return (error, error == KafkaError.None ? null : $"More than {context.Node.Options.MaxPartitions} partitions in all are not served here.");
    }
}
