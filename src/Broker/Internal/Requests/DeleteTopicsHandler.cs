using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>DeleteTopics v1–6 (v4 flexible; v5 adds error messages, v6 topic ids): gone when the answer comes.</summary>
internal sealed class DeleteTopicsHandler() : ImmediateHandler<DeleteTopicsRequest>(20, 1, 6, 4)
{
    protected override IMessage Handle(DeleteTopicsRequest request, RequestContext context)
    {
        (string? Name, Guid Id)[] wanted = context.Version >= 6
            ? [.. request.Topics.Select(topic => (topic.Name, topic.TopicId))]
            : [.. request.TopicNames.Select(name => ((string?)name, Guid.Empty))];
        HashSet<(string?, Guid)> twice = [.. wanted.GroupBy(each => each).Where(same => same.Count() > 1).Select(same => same.Key)];
        return new DeleteTopicsResponse { Responses = [.. wanted.Distinct().Select(each => Delete(each.Name, each.Id, twice.Contains(each), context))] };
    }

    private static DeleteTopicsResponse.DeletableTopicResult Delete(string? name, Guid id, bool twice, RequestContext context)
    {
        if (twice || name is null == (id == Guid.Empty))
            return new DeleteTopicsResponse.DeletableTopicResult
            {
                Name = name, TopicId = id, ErrorCode = KafkaError.InvalidRequest, ErrorMessage = "A topic is named once, either by its name or by its id.",
            };
        Topic? topic = name is null ? context.Node.Topics.Find(id) : context.Node.Topics.Find(name);
        if (topic is null)
            return new DeleteTopicsResponse.DeletableTopicResult { Name = name, TopicId = id, ErrorCode = name is null ? KafkaError.UnknownTopicId : KafkaError.UnknownTopicOrPartition };
        context.Node.Topics.Delete(topic);
        return new DeleteTopicsResponse.DeletableTopicResult { Name = topic.Name, TopicId = topic.Id };
    }
}
