using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Dsl;

/// <summary>A record's value and headers while it is held back.</summary>
internal readonly record struct Buffered<TValue>(TValue Value, Headers? Headers);

/// <summary>The number of headers, −1 for null; each header's key and value with their lengths before them, −1 for a null value; then the record's value. Numbers have four bytes, big-endian.</summary>
internal sealed class BufferedSerde<TValue>(ISerde<TValue> inner) : ISerde<Buffered<TValue>>
{
    public void Serialize(Buffered<TValue> value, IBufferWriter<byte> to, in SerdeContext context)
    {
        Serdes.Integer.Serialize(value.Headers?.Count ?? -1, to, in context);
        foreach (IHeader header in value.Headers ?? [])
        {
            Serdes.Integer.Serialize(Encoding.UTF8.GetByteCount(header.Key), to, in context);
            Encoding.UTF8.GetBytes(header.Key.AsSpan(), to);
            byte[]? bytes = header.GetValueBytes();
            Serdes.Integer.Serialize(bytes?.Length ?? -1, to, in context);
            to.Write(bytes);
        }
        inner.Serialize(value.Value, to, in context);
    }

    public Buffered<TValue> Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context)
    {
        int count = Number(ref bytes);
        Headers? headers = count < 0 ? null : [];
        for (int i = 0; i < count; i++)
        {
            string key = Encoding.UTF8.GetString(Take(ref bytes, Number(ref bytes)));
            int length = Number(ref bytes);
            headers!.Add(key, length < 0 ? null : Take(ref bytes, length).ToArray());
        }
        return new Buffered<TValue>(inner.Deserialize(bytes, in context), headers);
    }

    private static int Number(ref ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(Take(ref bytes, sizeof(int)));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        ReadOnlySpan<byte> taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }
}
