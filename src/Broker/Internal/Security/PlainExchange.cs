namespace Assay.Broker.Internal.Security;

/// <summary>PLAIN (RFC 4616): one token, <c>[authorization id] NUL user NUL password</c>. Only within TLS.</summary>
internal sealed class PlainExchange(Credentials credentials) : SaslExchange
{
    public override byte[] Next(byte[] token)
    {
        if (Complete)
            throw new SaslException("it sent a token more than PLAIN has");
        if (Text(token).Split('\0') is not [string onBehalfOf, string user, string password])
            throw new SaslException("its PLAIN token does not consist of three parts");
        if (onBehalfOf.Length > 0 && onBehalfOf != user)
            throw new SaslException("it asks to act for another user");
        if (!credentials.Holds(user, password))
            throw new SaslException("user or password is wrong (PLAIN)");
        Complete = true;
        return [];
    }
}
