using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DeleteTopics v1–6 (v4 flexible; v5 adds error messages, v6 topic ids): gone when the answer comes.</summary>
internal sealed class DeleteTopicsHandler() : ImmediateHandler<DeleteTopicsRequest>(20, 1, 6, 4)
{
    protected override IMessage Handle(DeleteTopicsRequest request, RequestContext context) => new DeleteTopicsResponse
    {
        Responses = context.Version >= 6
            ? [.. request.Topics.Select(topic => topic.Name is null
                ? Delete(null, topic.TopicId, context.Node.Topics.Find(topic.TopicId), KafkaError.UnknownTopicId, context)
                : Delete(topic.Name, Guid.Empty, context.Node.Topics.Find(topic.Name), KafkaError.UnknownTopicOrPartition, context))]
            : [.. request.TopicNames.Select(name => Delete(name, Guid.Empty, context.Node.Topics.Find(name), KafkaError.UnknownTopicOrPartition, context))],
    };

    private static DeleteTopicsResponse.DeletableTopicResult Delete(string? name, Guid id, Topic? topic, KafkaError missing, RequestContext context)
    {
        if (topic is null)
            return new DeleteTopicsResponse.DeletableTopicResult { Name = name, TopicId = id, ErrorCode = missing };
        context.Node.Topics.Delete(topic);
        return new DeleteTopicsResponse.DeletableTopicResult { Name = topic.Name, TopicId = topic.Id };
    }
}
