using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Security;

/// <summary>One connection's authentication; see <see cref="SaslState"/>.</summary>
/// <param name="credentials">Null: nobody is asked who he is.</param>
internal sealed class SaslSession(Credentials? credentials)
{
    private const short ApiVersions = 18;
    private const short SaslHandshake = 17;
    private const short SaslAuthenticate = 36;

    private SaslExchange? _exchange;

    public SaslState State { get; private set; } = credentials is null ? SaslState.Authenticated : SaslState.Handshake;

    /// <summary>Why the client was refused, for the log.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether a client may ask this as things stand; whoever asks something else is cut off without an answer.</summary>
    public bool MayAsk(short apiKey) => State switch
    {
        SaslState.Authenticated => true,
        SaslState.Handshake => apiKey is ApiVersions or SaslHandshake,
        SaslState.Requests => apiKey is SaslAuthenticate or SaslHandshake,
        _ => false,
    };

    /// <param name="version">0: tokens follow as bare frames; 1: in SaslAuthenticate requests.</param>
    public SaslHandshakeResponse Handshake(string mechanism, short version)
    {
        SaslHandshakeResponse response = new() { Mechanisms = [.. credentials?.Mechanisms ?? []] };
        if (State != SaslState.Handshake)
        {
            response.ErrorCode = KafkaError.IllegalSaslState;
            if (State != SaslState.Authenticated)
                Refuse("it began a second handshake within the first");
        }
        else if (!credentials!.Mechanisms.Contains(mechanism))
        {
            response.ErrorCode = KafkaError.UnsupportedSaslMechanism;
            Refuse($"it asked for another SASL mechanism than {string.Join(", ", credentials.Mechanisms)}");
        }
        else
        {
            _exchange = credentials.Begin(mechanism);
            Move(version == 0 ? SaslState.BareTokens : SaslState.Requests);
        }
        return response;
    }

    public SaslAuthenticateResponse Authenticate(byte[] token)
    {
        if (State != SaslState.Requests)
            return new SaslAuthenticateResponse { ErrorCode = KafkaError.IllegalSaslState, ErrorMessage = "SaslAuthenticate comes after SaslHandshake and before the authentication is complete." };
        return Next(token) is { } answer
            ? new SaslAuthenticateResponse { AuthBytes = answer }
            // One sentence whatever was wrong: which users there are is nobody's business.
            : new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = "Authentication failed: look at mechanism, user name and password." };
    }

    /// <summary>The answer to a token that came as a frame of its own; null: refused.</summary>
    public byte[]? Next(byte[] token)
    {
        try
        {
            byte[] answer = _exchange!.Next(token);
            if (_exchange.Complete)
                Move(SaslState.Authenticated);
            return answer;
        }
        catch (SaslException failure)
        {
            Refuse(failure.Message);
            return null;
        }
    }

    private void Refuse(string why)
    {
        Move(SaslState.Refused);
        Refusal = why;
    }

    private void Move(SaslState next)
    {
        if (!next.MayFollow(State))
            throw new InvalidOperationException($"An authentication may not go from {State} to {next}.");
        State = next;
    }
}
