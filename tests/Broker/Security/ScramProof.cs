using System.Security.Cryptography;
using System.Text;

namespace Assay.Broker.Tests.Security;

/// <summary>The client's side of SCRAM-SHA-512, from the text of RFC 5802.</summary>
internal sealed class ScramProof(string user, string password)
{
    private const string ClientNonce = "fyko+d2lbbFgONRv9qkxdawL";

    public byte[] First => Encoding.UTF8.GetBytes($"n,,{Bare}");

    private string Bare => $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={ClientNonce}";

    /// <summary>The client's last message, and the server's that must follow it.</summary>
    public (byte[] Message, byte[] Expected) Final(byte[] serverFirst)
    {
        string server = Encoding.UTF8.GetString(serverFirst);
        string[] parts = server.Split(',');
        Assert.StartsWith($"r={ClientNonce}", parts[0], StringComparison.Ordinal);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..]), HashAlgorithmName.SHA512, 64);
        byte[] clientKey = HMACSHA512.HashData(salted, "Client Key"u8);
        string withoutProof = $"c=biws,{parts[0]}";
        byte[] authMessage = Encoding.UTF8.GetBytes($"{Bare},{server},{withoutProof}");
        byte[] signature = HMACSHA512.HashData(SHA512.HashData(clientKey), authMessage);
        byte[] proof = [.. clientKey.Zip(signature, (key, sign) => (byte)(key ^ sign))];
        byte[] expected = HMACSHA512.HashData(HMACSHA512.HashData(salted, "Server Key"u8), authMessage);
        return (Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}"), Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(expected)}"));
    }
}
