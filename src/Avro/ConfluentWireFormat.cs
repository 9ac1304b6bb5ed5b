using System.Buffers;
using System.Buffers.Binary;

namespace Assay.Avro;

/// <summary>What Confluent's serializers put before a datum: the byte 0, then the schema's id in the registry, four bytes, big-endian.</summary>
public static class ConfluentWireFormat
{
    public const int HeaderSize = 5;

    private const byte Magic = 0;

    /// <exception cref="AvroException">The data does not start so.</exception>
    public static int ReadId(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderSize || data[0] != Magic)
        {
            string start = Convert.ToHexString(data[..Math.Min(HeaderSize, data.Length)]);
            throw new AvroException($"The record is not in Confluent's wire format: it has {data.Length} bytes and starts with [{start}], not with a 0 and four bytes of a schema's id.");
        }
        return BinaryPrimitives.ReadInt32BigEndian(data[1..]);
    }

    public static void WriteId(int id, IBufferWriter<byte> output)
    {
        Span<byte> header = output.GetSpan(HeaderSize);
        header[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], id);
        output.Advance(HeaderSize);
    }
}
