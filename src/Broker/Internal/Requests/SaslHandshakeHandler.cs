using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>SaslHandshake v0–1 (v1: the tokens come in SaslAuthenticate): which mechanism the client will prove itself by.</summary>
internal sealed class SaslHandshakeHandler() : ImmediateHandler<SaslHandshakeRequest>(17, 0, 1, 2)
{
    protected override IMessage Handle(SaslHandshakeRequest request, RequestContext context) => context.Session.Handshake(request.Mechanism, context.Version);
}
