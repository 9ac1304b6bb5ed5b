using System.Buffers;
using Confluent.Kafka;

namespace Assay.Streams;

/// <summary>Turns values of one type into bytes and back. Shared by all stream threads, so it must be safe to use from several at once.</summary>
/// <remarks>Null never reaches a serde: it is null on the wire too.</remarks>
public interface ISerde<T>
{
    /// <summary>Appends the value's bytes to <paramref name="to"/>.</summary>
    void Serialize(T value, IBufferWriter<byte> to, in SerdeContext context);

    /// <summary>Reads a value; <paramref name="bytes"/> are only valid during the call. Throws on bytes that are not such a value.</summary>
    T Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context);
}

/// <summary>Where the bytes that a serde reads or writes stand.</summary>
/// <param name="Topic">The topic; for a state store, that of its changelog.</param>
/// <param name="IsKey">Key or value.</param>
/// <param name="Headers">The record's headers, if it has any.</param>
public readonly record struct SerdeContext(string Topic, bool IsKey, Headers? Headers = null);
