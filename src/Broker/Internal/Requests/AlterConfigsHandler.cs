using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>AlterConfigs v0–2 (v2 flexible): replaces all settings of a topic by those given. Newer clients use IncrementalAlterConfigs.</summary>
internal sealed class AlterConfigsHandler() : ImmediateHandler<AlterConfigsRequest>(33, 0, 2, 2)
{
    protected override IMessage Handle(AlterConfigsRequest request, RequestContext context) => new AlterConfigsResponse
    {
        Responses = [.. request.Resources.Select(resource =>
        {
            (KafkaError error, string? reason) = ConfigResources.Alter(
                resource.ResourceType, resource.ResourceName, _ => new SettingsChange(Replacement(resource)), request.ValidateOnly, context);
            return new AlterConfigsResponse.ResourceResponse { ErrorCode = error, ErrorMessage = reason, ResourceType = resource.ResourceType, ResourceName = resource.ResourceName };
        })],
    };

    private static Dictionary<string, string> Replacement(AlterConfigsRequest.Resource resource) =>
        resource.Configs.Where(config => config.Value is not null).GroupBy(config => config.Name).ToDictionary(same => same.Key, same => same.Last().Value!);
}
