using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>IncrementalAlterConfigs v0–1 (v1 flexible): sets (0), takes back (1), or appends to (2) and subtracts from (3) settings that are lists.</summary>
internal sealed class IncrementalAlterConfigsHandler() : ImmediateHandler<IncrementalAlterConfigsRequest>(44, 0, 1, 1)
{
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

    private static (Dictionary<string, string>? Settings, string? Problem) Apply(
        IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig[] changes, IReadOnlyDictionary<string, string> present)
    {
        Dictionary<string, string> settings = new(present);
        foreach (IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig change in changes)
        {
            if (!TopicConfig.Known.TryGetValue(change.Name, out ConfigKey? key))
                return (null, TopicConfig.Problem(change.Name, change.Value));
            string[] items = settings.GetValueOrDefault(change.Name, key.Default).Split(',', StringSplitOptions.RemoveEmptyEntries);
            string[] named = (change.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            switch (change.ConfigOperation)
            {
                case 0 when change.Value is not null:
                    settings[change.Name] = change.Value;
                    break;
                case 1:
                    settings.Remove(change.Name);
                    break;
                case 2 when key.Kind == ConfigKind.List:
                    settings[change.Name] = string.Join(',', items.Union(named));
                    break;
                case 3 when key.Kind == ConfigKind.List:
                    settings[change.Name] = string.Join(',', items.Except(named));
                    break;
                default:
                    return (null, $"Operation {change.ConfigOperation} does not apply to {change.Name}.");
            }
        }
        return (settings, null);
    }
}
