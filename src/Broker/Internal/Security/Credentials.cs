using System.Security.Cryptography;
using System.Text;

namespace Assay.Broker.Internal.Security;

/// <summary>The users and the mechanisms that they may use.</summary>
internal sealed class Credentials
{
    public const string Plain = "PLAIN";

    private static readonly Dictionary<string, HashAlgorithmName> ScramHashes = new()
    {
        ["SCRAM-SHA-256"] = HashAlgorithmName.SHA256, ["SCRAM-SHA-512"] = HashAlgorithmName.SHA512,
    };

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, byte[]> _passwords;
    private readonly Dictionary<(string Mechanism, string User), ScramCredential> _scram = [];

    /// <exception cref="BrokerException">A mechanism is unknown or needs TLS, or there is no user to let in.</exception>
    public Credentials(SaslOptions options, bool encrypted)
    {
        if (options.Mechanisms.Count == 0)
            throw new BrokerException("No SASL mechanism is named: use SCRAM-SHA-256, SCRAM-SHA-512 or, with TLS, PLAIN.");
        foreach (string mechanism in options.Mechanisms)
        {
            if (mechanism == Plain && !encrypted)
                throw new BrokerException("PLAIN sends passwords as they are, so it needs TLS: give a certificate and its key (--tls-cert, --tls-key), or use SCRAM-SHA-256 or SCRAM-SHA-512.");
            if (mechanism != Plain && !ScramHashes.ContainsKey(mechanism))
                throw new BrokerException($"'{mechanism}' is no SASL mechanism that the broker has: use SCRAM-SHA-256, SCRAM-SHA-512 or, with TLS, PLAIN.");
        }
        if (options.Users.Count == 0)
            throw new BrokerException("SASL is asked for, but there is no user who could log in: name one at least, with a password.");
        if (options.Users.Any(user => user.Key.Length == 0 || user.Value.Length == 0))
            throw new BrokerException("A user of the broker has an empty name or an empty password; give both.");
        Mechanisms = [.. options.Mechanisms.Distinct()];
        _passwords = options.Users.ToDictionary(user => user.Key, user => Digest(user.Value), StringComparer.Ordinal);
        foreach (string mechanism in Mechanisms)
            if (ScramHashes.TryGetValue(mechanism, out HashAlgorithmName hash))
                foreach ((string user, string password) in options.Users)
                    _scram[(mechanism, user)] = ScramCredential.Of(hash, password);
    }

    public IReadOnlyList<string> Mechanisms { get; }

    /// <summary>Begins an authentication by one of the <see cref="Mechanisms"/>.</summary>
    public SaslExchange Begin(string mechanism) => ScramHashes.TryGetValue(mechanism, out HashAlgorithmName hash)
        ? new ScramExchange(hash, user => _scram.GetValueOrDefault((mechanism, user)) ?? ScramCredential.OfNobody(hash, _secret, user))
        : new PlainExchange(this);

    /// <summary>Whether a password is that user's; takes as long where it is not.</summary>
    public bool Holds(string user, string password)
    {
        bool known = _passwords.TryGetValue(user, out byte[]? digest);
        return CryptographicOperations.FixedTimeEquals(Digest(password), digest ?? _secret) && known;
    }

    /// <summary>All of one length, so that comparing them tells nothing.</summary>
    private static byte[] Digest(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
