using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>
/// JoinGroup v0–9 (v6 flexible; v1 adds the rebalance time-out, v4 asks new members to come back with an id, v5 static members, v7 the protocol type, v9 tells
/// a returning static leader to skip the assignment): joins a group and waits until its next generation begins.
/// </summary>
internal sealed class JoinGroupHandler() : RequestHandler<JoinGroupRequest>(11, 0, 9, 6)
{
    /// <summary>Shorter than Apache Kafka's 6 s, so that tests need not wait for it.</summary>
    private const int ShortestSessionMs = 1_000;
    private const int LongestSessionMs = 30 * 60 * 1000;

    protected override async ValueTask<IMessage?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        if (request.GroupId.Length == 0)
            return new JoinGroupResponse { ErrorCode = KafkaError.InvalidGroupId, MemberId = request.MemberId };
        if (request.SessionTimeoutMs is < ShortestSessionMs or > LongestSessionMs)
            return new JoinGroupResponse { ErrorCode = KafkaError.InvalidSessionTimeout, MemberId = request.MemberId };
        return await context.Node.Groups.FindOrCreate(request.GroupId).Join(request, context.Client).WaitAsync(context.Stopping);
    }
}
