using System.Security.Cryptography;
using System.Text;

namespace Assay.Broker.Internal.Security;

/// <summary>
/// What a server keeps of a password for SCRAM (RFC 5802, section 3; RFC 7677 for SHA-256; SHA-512 by analogy, as Apache Kafka has it): enough to check a proof, not enough to make one.
/// Names and passwords count in the UTF-8 bytes that they have, without SASLprep, as in Apache Kafka and librdkafka.
/// </summary>
internal sealed record ScramCredential(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>The least that Apache Kafka allows, and its default.</summary>
    public const int DefaultIterations = 4096;
    private const int SaltBytes = 16;

    public static ScramCredential Of(HashAlgorithmName hash, string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, DefaultIterations, hash, Length(hash));
        byte[] clientKey = CryptographicOperations.HmacData(hash, salted, "Client Key"u8);
        return new ScramCredential(salt, DefaultIterations, CryptographicOperations.HashData(hash, clientKey), CryptographicOperations.HmacData(hash, salted, "Server Key"u8));
    }

    /// <summary>For a user that does not exist: always the same salt for a name, and no proof that fits, so that nobody can ask which users there are.</summary>
    public static ScramCredential OfNobody(HashAlgorithmName hash, byte[] secret, string user) => new(
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(user))[..SaltBytes], DefaultIterations,
        RandomNumberGenerator.GetBytes(Length(hash)), RandomNumberGenerator.GetBytes(Length(hash)));

    /// <summary>Whether a proof (the client key under the signature of the exchange) is that of the password.</summary>
    public bool Proves(HashAlgorithmName hash, ReadOnlySpan<byte> authMessage, ReadOnlySpan<byte> proof)
    {
        byte[] clientKey = CryptographicOperations.HmacData(hash, StoredKey, authMessage);
        if (proof.Length != clientKey.Length)
            return false;
        for (int index = 0; index < clientKey.Length; index++)
            clientKey[index] ^= proof[index];
        return CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(hash, clientKey), StoredKey);
    }

    private static int Length(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;
}
