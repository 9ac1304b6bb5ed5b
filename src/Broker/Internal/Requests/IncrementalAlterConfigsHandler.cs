using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>IncrementalAlterConfigs v0–1 (v1 flexible): sets (0), takes back (1), or appends to (2) and subtracts from (3) settings that are lists.</summary>
internal sealed class IncrementalAlterConfigsHandler() : ImmediateHandler<IncrementalAlterConfigsRequest>(44, 0, 1, 1)
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    protected override IMessage Handle(IncrementalAlterConfigsRequest request, RequestContext context) => new IncrementalAlterConfigsResponse
    {
        Responses = [.. request.Resources.Select(resource =>
        {
            (KafkaError error, string? reason) = ConfigResources.Alter(
                resource.ResourceType, resource.ResourceName, settings => Apply(resource.Configs, settings), request.ValidateOnly, context);
            return new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = error, ErrorMessage = reason, ResourceType = resource.ResourceType, ResourceName = resource.ResourceName,
            };
        })],
    };

    private static SettingsChange Apply(IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig[] changes, IReadOnlyDictionary<string, string> present)
    {
        if (changes.Select(change => change.Name).Distinct().Count() < changes.Length)
            return new SettingsChange(KafkaError.InvalidRequest, "A setting is changed once in a request.");
        Dictionary<string, string> settings = new(present);
        foreach (IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig change in changes)
        {
            if (change.ConfigOperation is < Set or > Subtract || change.ConfigOperation != Delete && change.Value is null)
                return new SettingsChange(KafkaError.InvalidRequest, $"Operation {change.ConfigOperation} on {change.Name} is unknown or lacks its value.");
            if (change.ConfigOperation == Delete)
            {
                settings.Remove(change.Name);
                continue;
            }
            if (!TopicConfig.Known.TryGetValue(change.Name, out ConfigKey? key))
                return new SettingsChange(KafkaError.InvalidConfig, TopicConfig.Problem(change.Name, change.Value));
            if (change.ConfigOperation != Set && key.Kind != ConfigKind.List)
                return new SettingsChange(KafkaError.InvalidConfig, $"{change.Name} is no list to append to or subtract from.");
            string[] items = settings.GetValueOrDefault(change.Name, key.Default).Split(',', StringSplitOptions.RemoveEmptyEntries);
            string[] named = change.Value!.Split(',', StringSplitOptions.RemoveEmptyEntries);
            settings[change.Name] = change.ConfigOperation switch
            {
                Append => string.Join(',', items.Union(named)),
                Subtract => string.Join(',', items.Except(named)),
                _ => change.Value,
            };
        }
        return new SettingsChange(settings);
    }
}
