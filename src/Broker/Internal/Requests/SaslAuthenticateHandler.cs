using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>SaslAuthenticate v0–2 (v1 adds how long the session lasts, here always without end; v2 flexible): a token of the mechanism and the answer to it.</summary>
internal sealed class SaslAuthenticateHandler() : ImmediateHandler<SaslAuthenticateRequest>(36, 0, 2, 2)
{
    protected override IMessage Handle(SaslAuthenticateRequest request, RequestContext context) => context.Session.Authenticate(request.AuthBytes);
}
