using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// DescribeConfigs v1–4 (v4 flexible; v3 adds types and documentation): the settings of topics, each with where it comes from, and the few of the broker that clients ask for.
/// </summary>
internal sealed class DescribeConfigsHandler() : ImmediateHandler<DescribeConfigsRequest>(32, 1, 4, 4)
{
    private const sbyte FromStart = 4;

    protected override IMessage Handle(DescribeConfigsRequest request, RequestContext context) => new DescribeConfigsResponse
    {
        Results = [.. request.Resources.DistinctBy(resource => (resource.ResourceType, resource.ResourceName)).Select(resource => Describe(resource, request.IncludeSynonyms, context))],
    };

    private static DescribeConfigsResponse.Result Describe(DescribeConfigsRequest.Resource wanted, bool synonyms, RequestContext context)
    {
        DescribeConfigsResponse.Result answer = new() { ResourceType = wanted.ResourceType, ResourceName = wanted.ResourceName };
        bool Asked(string name) => wanted.ConfigurationKeys is null || wanted.ConfigurationKeys.Contains(name);
        switch (wanted.ResourceType)
        {
            case ConfigResources.Topic when context.Node.Topics.Find(wanted.ResourceName) is { } topic:
                answer.Configs = [.. TopicConfig.Known.Values.Where(key => Asked(key.Name)).Select(key => OfTopic(topic.Config, key, synonyms))];
                break;
            case ConfigResources.Topic:
                answer.ErrorCode = TopicCatalog.NameProblem(wanted.ResourceName) is null ? KafkaError.UnknownTopicOrPartition : KafkaError.InvalidTopic;
                break;
            case ConfigResources.Broker when wanted.ResourceName.Length == 0:
                // The defaults for all brokers, of which none is set.
                break;
            case ConfigResources.Broker when wanted.ResourceName == Node.Id.ToString():
                answer.Configs = [.. OfBroker(context.Node.Options).Where(config => Asked(config.Name))];
                break;
            default:
                answer.ErrorCode = KafkaError.InvalidRequest;
                answer.ErrorMessage = $"Only topics and broker {Node.Id} have configurations here.";
                break;
        }
        return answer;
    }

    private static DescribeConfigsResponse.Result.ResourceResult OfTopic(TopicConfig config, ConfigKey key, bool synonyms)
    {
        sbyte source = ConfigResources.Source(config, key.Name);
        string value = config.Value(key.Name);
        return new DescribeConfigsResponse.Result.ResourceResult
        {
            Name = key.Name,
            Value = value,
            ConfigSource = source,
            ConfigType = (sbyte)key.Kind,
            Synonyms = !synonyms ? [] : source == ConfigResources.FromDefault ? [Synonym(key, value, source)] : [Synonym(key, value, source), Synonym(key, key.Default, ConfigResources.FromDefault)],
        };
    }

    private static DescribeConfigsResponse.Result.ResourceResult.Synonym Synonym(ConfigKey key, string value, sbyte source) => new() { Name = key.Name, Value = value, Source = source };

    private static IEnumerable<DescribeConfigsResponse.Result.ResourceResult> OfBroker(BrokerOptions options)
    {
        yield return Setting("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false", ConfigKind.Boolean);
        yield return Setting("default.replication.factor", "1", ConfigKind.Integer);
        yield return Setting("num.partitions", $"{options.DefaultPartitions}", ConfigKind.Integer);
        yield return Setting("socket.request.max.bytes", $"{options.MaxFrameBytes}", ConfigKind.Integer);
        yield return Setting("transaction.max.timeout.ms", $"{Transactions.TransactionCoordinator.LongestTimeoutMs}", ConfigKind.Integer);
    }

    private static DescribeConfigsResponse.Result.ResourceResult Setting(string name, string value, ConfigKind kind) =>
        new() { Name = name, Value = value, ReadOnly = true, ConfigSource = FromStart, ConfigType = (sbyte)kind };
}
