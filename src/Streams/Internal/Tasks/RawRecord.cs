using Assay.Streams.Internal.Kafka;
using Confluent.Kafka;

namespace Assay.Streams.Internal.Tasks;

/// <summary>A record as received, waiting in a partition's queue: a message that librdkafka still owns, read in place, or bytes of the test driver's.</summary>
internal readonly struct RawRecord
{
    private readonly nint _message;
    private readonly byte[]? _key;
    private readonly byte[]? _value;
    private readonly Headers? _headers;

    /// <summary>Takes over a message of librdkafka's; <see cref="Release"/> gives it back.</summary>
    public RawRecord(nint message, long offset, long timestamp)
    {
        _message = message;
        Offset = offset;
        Timestamp = timestamp;
    }

    public RawRecord(byte[]? key, byte[]? value, Headers? headers, long offset, long timestamp)
    {
        _key = key;
        _value = value;
        _headers = headers;
        Offset = offset;
        Timestamp = timestamp;
    }

    public long Offset { get; }

    /// <summary>Kafka's, ms since the epoch.</summary>
    public long Timestamp { get; }

    public RawBytes Key => _message != 0 ? NativeMessage.Key(_message) : RawBytes.Of(_key);

    public RawBytes Value => _message != 0 ? NativeMessage.Value(_message) : RawBytes.Of(_value);

    public Headers? Headers => _message != 0 ? NativeMessage.Headers(_message) : _headers;

    public void Release()
    {
        if (_message != 0)
            NativeMessage.Destroy(_message);
    }
}
