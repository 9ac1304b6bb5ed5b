using System.Security.Cryptography;
using System.Text;
using Assay.Avro.Internal;

namespace Assay.Avro;

public abstract partial class AvroSchema
{
    /// <summary>Parses a schema's JSON.</summary>
    /// <exception cref="AvroException">The text is not JSON or not a schema; the message says where and why.</exception>
    public static AvroSchema Parse(string json)
    {
        try
        {
            return SchemaParser.Parse(json);
        }
        catch (SchemaException mistake)
        {
            throw new AvroException($"The Avro schema is wrong at line {mistake.Line}, column {mistake.Column}: {mistake.Message}.", mistake);
        }
    }

    /// <summary>Parsing canonical form (specification): equal for schemas that write the same bytes. Logical types, defaults, aliases and docs are not in it.</summary>
    public string ToCanonicalForm() => SchemaJson.WriteCanonical(this);

    /// <summary>CRC-64-AVRO (Rabin) of the canonical form.</summary>
    public ulong Fingerprint() => Rabin.Hash(Encoding.UTF8.GetBytes(ToCanonicalForm()));

    /// <summary>MD5 of the canonical form, 16 bytes.</summary>
#pragma warning disable CA5351 // The specification names MD5; nothing rests on its secrecy.
    public byte[] FingerprintMd5() => MD5.HashData(Encoding.UTF8.GetBytes(ToCanonicalForm()));
#pragma warning restore CA5351

    /// <summary>SHA-256 of the canonical form, 32 bytes.</summary>
    public byte[] FingerprintSha256() => SHA256.HashData(Encoding.UTF8.GetBytes(ToCanonicalForm()));
}
