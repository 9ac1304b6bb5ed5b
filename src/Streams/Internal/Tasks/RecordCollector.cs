using Confluent.Kafka;

namespace Assay.Streams.Internal.Tasks;

/// <summary>Takes what tasks send: to a broker, or into the test driver's hands.</summary>
internal abstract class RecordCollector
{
    /// <summary>Sends a record; bytes are copied before this returns.</summary>
    /// <param name="partition">Null: by murmur2 of the key, as Java's producer chooses.</param>
    /// <param name="timestamp">Milliseconds since the epoch.</param>
    /// <param name="acknowledged">Called with the record's offset when the broker has it, on another thread; null: nobody asks.</param>
    public abstract void Send(string topic, int? partition, RawBytes key, RawBytes value, long timestamp, Headers? headers, Action<long>? acknowledged = null);
}
