using Assay.Broker.Internal.Security;

namespace Assay.Broker.Tests.Security;

public sealed class SaslStateTests
{
    private static readonly (SaslState From, SaslState To)[] Legal =
    [
        (SaslState.Handshake, SaslState.Requests),
        (SaslState.Handshake, SaslState.BareTokens),
        (SaslState.Handshake, SaslState.Refused),
        (SaslState.Requests, SaslState.Authenticated),
        (SaslState.Requests, SaslState.Refused),
        (SaslState.BareTokens, SaslState.Authenticated),
        (SaslState.BareTokens, SaslState.Refused),
    ];

    [Fact]
    public void Moves_that_are_not_drawn_are_refused()
    {
        foreach (SaslState from in Enum.GetValues<SaslState>())
            foreach (SaslState to in Enum.GetValues<SaslState>())
                Assert.True(Legal.Contains((from, to)) == to.MayFollow(from), $"{from} to {to}");
    }
}
