using System.Text.RegularExpressions;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// ApiVersions v0–4 (v3 flexible): which requests in which versions. The answer's header has no tags in any version, and an unknown version is answered
/// in version 0 with error 35 and the ranges, so that any client can find out what to speak (KIP-511).
/// Produce is shown from version 0, which it does not serve: older librdkafka switches compression off otherwise.
/// </summary>
internal sealed partial class ApiVersionsHandler() : ImmediateHandler<ApiVersionsRequest>(18, 0, 4, 3)
{
    private const short SoftwareFrom = 3;

    public static ApiVersionsResponse Unsupported() => new() { ErrorCode = KafkaError.UnsupportedVersion, ApiKeys = Ranges() };

    protected override IMessage Handle(ApiVersionsRequest request, RequestContext context) =>
        context.Version >= SoftwareFrom && !(SoftwareName().IsMatch(request.ClientSoftwareName) && SoftwareName().IsMatch(request.ClientSoftwareVersion))
            ? new ApiVersionsResponse { ErrorCode = KafkaError.InvalidRequest }
            : new ApiVersionsResponse { ApiKeys = Ranges() };

    /// <summary>What KIP-511 allows as a client's name and version.</summary>
    [GeneratedRegex("^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?\\z")]
    private static partial Regex SoftwareName();

    private static ApiVersionsResponse.ApiVersion[] Ranges() =>
        [.. RequestTable.All.Select(handler => new ApiVersionsResponse.ApiVersion { ApiKey = handler.Key, MinVersion = handler.LowestAdvertised, MaxVersion = handler.Highest })];
}
