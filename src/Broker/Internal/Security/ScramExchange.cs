using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Assay.Broker.Internal.Security;

/// <summary>
/// SCRAM on the server's side (RFC 5802, section 5), without channel binding:
/// <code>
/// client-first  n,[a=authzid],n=user,r=client-nonce[,extensions]
/// server-first  r=client-nonce server-nonce,s=salt,i=iterations
/// client-final  c=base64(what stood before "n=user"),r=nonce[,extensions],p=proof
/// server-final  v=signature
/// </code>
/// In a user's name <c>=2C</c> is a comma and <c>=3D</c> an equals sign. The signature is over client-first without its head, server-first and client-final without its proof.
/// </summary>
internal sealed class ScramExchange(HashAlgorithmName hash, Func<string, ScramCredential> lookUp) : SaslExchange
{
    private const int NonceBytes = 24;

    private ScramCredential? _credential;
    private string _head = "";
    private string _clientFirstBare = "";
    private string _serverFirst = "";
    private string _clientNonce = "";
    private string _nonce = "";

    public override byte[] Next(byte[] token)
    {
        if (Complete)
            throw new SaslException("it sent a token more than SCRAM has");
        return Encoding.UTF8.GetBytes(_credential is null ? First(Text(token)) : Final(Text(token)));
    }

    private string First(string message)
    {
        string[] parts = message.Split(',');
        if (parts.Length < 4 || parts[0] is not ("n" or "y"))
            throw new SaslException("its first SCRAM message is malformed or asks for channel binding");
        string user = Unescape(Attribute(parts[2], "n="));
        if (parts[1].Length > 0 && Unescape(Attribute(parts[1], "a=")) != user)
            throw new SaslException("it asks to act for another user");
        _clientNonce = Attribute(parts[3], "r=");
        if (user.Length == 0 || _clientNonce.Length == 0 || parts.Contains("tokenauth=true"))
            throw new SaslException("its first SCRAM message lacks a user or a nonce, or asks for delegation tokens");
        _head = $"{parts[0]},{parts[1]},";
        _clientFirstBare = message[_head.Length..];
        _nonce = _clientNonce + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes));
        _credential = lookUp(user);
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_credential.Salt)},i={_credential.Iterations}");
        return _serverFirst;
    }

    private string Final(string message)
    {
        int proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        string[] parts = message.Split(',');
        if (proofAt < 0 || parts.Length < 3)
            throw new SaslException("its last SCRAM message is malformed");
        string nonce = Attribute(parts[1], "r=");
        // librdkafka before 2.6.1 (kcat as distributions have it) says its own nonce twice. The proof is over what it says, and the server's part stands in it.
        bool nonceHolds = nonce == _nonce || nonce == _clientNonce + _nonce;
        if (!nonceHolds || Attribute(parts[0], "c=") != Convert.ToBase64String(Encoding.UTF8.GetBytes(_head)))
            throw new SaslException("its last SCRAM message does not go with its first");
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{message[..proofAt]}");
        byte[] proof = new byte[SHA512.HashSizeInBytes];
        if (!Convert.TryFromBase64String(message[(proofAt + 3)..], proof, out int length) || !_credential!.Proves(hash, authMessage, proof.AsSpan(0, length)))
            throw new SaslException($"user or password is wrong (SCRAM-{hash.Name!.Insert(3, "-")})");
        Complete = true;
        return $"v={Convert.ToBase64String(CryptographicOperations.HmacData(hash, _credential.ServerKey, authMessage))}";
    }

    private static string Attribute(string part, string name) =>
        part.StartsWith(name, StringComparison.Ordinal) ? part[name.Length..] : throw new SaslException("a SCRAM message lacks an attribute or has them in another order");

    private static string Unescape(string name) => name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
}
