namespace Assay.Broker.Internal.Security;

/// <summary>
/// Where a connection stands with its authentication.
/// <code>
/// Handshake ──SaslHandshake v1──► Requests ──SaslAuthenticate…──► Authenticated
///     └───────SaslHandshake v0──► BareTokens ──frames that are tokens…──► Authenticated
/// all but the last ──anything wrong──► Refused
/// </code>
/// Where no SASL is asked for, connections begin as Authenticated. There is no way on from there: sessions do not end, so they are not renewed either, and another
/// SaslHandshake is told so, as by an Apache Kafka without <c>connections.max.reauth.ms</c>.
/// </summary>
internal enum SaslState
{
    Handshake,
    Requests,
    BareTokens,
    Authenticated,
    /// <summary>The connection is closed once its answer is sent.</summary>
    Refused,
}

/// <summary>The legal moves between <see cref="SaslState"/>s; another one is a defect and throws.</summary>
internal static class SaslStates
{
    public static bool MayFollow(this SaslState next, SaslState current) => next switch
    {
        SaslState.Requests or SaslState.BareTokens => current is SaslState.Handshake,
        SaslState.Authenticated => current is SaslState.Requests or SaslState.BareTokens,
        SaslState.Refused => current is SaslState.Handshake or SaslState.Requests or SaslState.BareTokens,
        _ => false,
    };
}
