using System.Text;

namespace Assay.Broker.Internal.Security;

/// <summary>One authentication by one mechanism: tokens of the client in, tokens of the server out.</summary>
internal abstract class SaslExchange
{
    protected static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The client has proved who it is.</summary>
    public bool Complete { get; protected set; }

    /// <summary>The answer to a client's token.</summary>
    /// <exception cref="SaslException">The token is malformed, or proves nothing; the exchange is over.</exception>
    public abstract byte[] Next(byte[] token);

    protected static string Text(byte[] token)
    {
        try
        {
            return Utf8.GetString(token);
        }
        catch (DecoderFallbackException)
        {
            throw new SaslException("its token is not UTF-8");
        }
    }
}
