using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Assay.Streams.Internal.State;

namespace Assay.Streams;

/// <summary>The serdes of Kafka's own serializers: UTF-8 text, big-endian integers, bytes as they are.</summary>
public static class Serdes
{
    public static ISerde<string> String { get; } = new StringSerde();

    public static ISerde<long> Long { get; } = new LongSerde();

    public static ISerde<int> Integer { get; } = new IntegerSerde();

    public static ISerde<byte[]> ByteArray { get; } = new ByteArraySerde();

    /// <summary>The same bytes, for a type that can also be null.</summary>
    public static ISerde<T?> Nullable<T>(ISerde<T> inner) where T : struct => new NullableSerde<T>(inner);

    /// <summary>Windowed keys in topics: the key, then the window's start in eight bytes, big-endian. The size is not written, so it is given.</summary>
    public static ISerde<Windowed<TKey>> TimeWindowed<TKey>(ISerde<TKey> inner, TimeSpan size) =>
        new TimeWindowedSerde<TKey>(inner, (long)size.TotalMilliseconds);

    /// <summary>Keys of sessions in topics: the key, then the session's end and its start in eight bytes each, big-endian; the end is the time of its last record.</summary>
    public static ISerde<Windowed<TKey>> SessionWindowed<TKey>(ISerde<TKey> inner) => new SessionWindowedSerde<TKey>(inner);

    private sealed class NullableSerde<T>(ISerde<T> inner) : ISerde<T?> where T : struct
    {
        public void Serialize(T? value, IBufferWriter<byte> to, in SerdeContext context) => inner.Serialize(value!.Value, to, in context);

        public T? Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => inner.Deserialize(bytes, in context);
    }

    private sealed class StringSerde : ISerde<string>
    {
        // Text that is not UTF-8 is an error rather than replacement characters.
        private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        public void Serialize(string value, IBufferWriter<byte> to, in SerdeContext context) => Strict.GetBytes(value.AsSpan(), to);

        public string Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => Strict.GetString(bytes);
    }

    private sealed class LongSerde : ISerde<long>
    {
        public void Serialize(long value, IBufferWriter<byte> to, in SerdeContext context)
        {
            BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(sizeof(long)), value);
            to.Advance(sizeof(long));
        }

        public long Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => bytes.Length == sizeof(long)
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : throw new FormatException($"A long has 8 bytes, these are {bytes.Length}.");
    }

    private sealed class IntegerSerde : ISerde<int>
    {
        public void Serialize(int value, IBufferWriter<byte> to, in SerdeContext context)
        {
            BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(sizeof(int)), value);
            to.Advance(sizeof(int));
        }

        public int Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => bytes.Length == sizeof(int)
            ? BinaryPrimitives.ReadInt32BigEndian(bytes)
            : throw new FormatException($"An integer has 4 bytes, these are {bytes.Length}.");
    }

    private sealed class ByteArraySerde : ISerde<byte[]>
    {
        public void Serialize(byte[] value, IBufferWriter<byte> to, in SerdeContext context) => to.Write(value);

        public byte[] Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => bytes.ToArray();
    }
}
