using Assay.Streams.Internal.Nodes;

namespace Assay.Streams.Internal.Tasks;

/// <summary>The records of one input partition that were fetched and not yet processed. Only the head is decoded: its timestamp decides whose turn it is.</summary>
/// <remarks>
/// Invariant: <see cref="CommitOffset"/> is the offset of the next record that was not processed: the head's, else the position after
/// everything fetched (rule 1). A record that is dropped moves it like one that is processed (rule 2).
/// </remarks>
internal abstract class PartitionQueue(string topic, int partition)
{
    private RawRecord[] _ring = new RawRecord[64];
    private int _first;
    private long _position = -1;
    private bool _fetched;

    public string Topic { get; } = topic;

    public int Partition { get; } = partition;

    /// <summary>Records waiting, the head among them.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the head is decoded and <see cref="HeadTimestamp"/> holds.</summary>
    public bool HasHead { get; protected set; }

    public long HeadTimestamp { get; protected set; }

    /// <summary>The highest timestamp processed from this partition; −1 before the first.</summary>
    public long PartitionTime { get; set; } = -1;

    /// <summary>Whether the end of the partition was reached after the last record fetched: its lag is known to be zero (rule 10).</summary>
    public bool CaughtUp { get; private set; }

    /// <summary>Whether <see cref="CommitOffset"/> has moved since the last commit.</summary>
    public bool Moved { get; set; }

    /// <summary>The next unprocessed offset; −1 while nothing is known.</summary>
    public long CommitOffset => Count > 0 ? Head.Offset : _position;

    protected ref readonly RawRecord Head => ref _ring[_first];

    /// <summary>Adds a fetched record, or drops it where it was fetched before (a message that was under way while the consumer sought back).</summary>
    public void Enqueue(in RawRecord record)
    {
        if (record.Offset < _position)
        {
            record.Release();
            return;
        }
        if (Count == _ring.Length)
            Grow();
        _ring[(_first + Count) & (_ring.Length - 1)] = record;
        Count++;
        _position = record.Offset + 1;
        _fetched = true;
        CaughtUp = false;
    }

    /// <summary>The consumer has seen the partition's end at <paramref name="offset"/>, past control and aborted records.</summary>
    public void EndReached(long offset)
    {
        CaughtUp = true;
        if (offset <= _position)
            return;
        // At the start the position is that of the group; later, a marker was skipped that the commit may skip too.
        Moved |= _position >= 0;
        _position = offset;
    }

    /// <summary>Whether only the end's offset is missing to know that nothing is left. What the client remembers of it holds after the first record of an
    /// assignment; before, it may be of an earlier one.</summary>
    public bool WantsEnd => Count == 0 && !CaughtUp && _fetched;

    /// <summary>The end of the partition was at <paramref name="end"/> when it was last fetched.</summary>
    public void EndKnown(long end) => CaughtUp |= WantsEnd && _position >= end;

    /// <summary>Starts over from an offset, −1 where none is known; what was queued is given back.</summary>
    public void Reset(long position, long partitionTime)
    {
        Clear();
        _position = position;
        PartitionTime = partitionTime;
        _fetched = false;
        CaughtUp = false;
        Moved = false;
    }

    /// <summary>Learns where the group's commit stands; records from there on may be queued already.</summary>
    public void Begin(long committed, long partitionTime)
    {
        _position = Math.Max(_position, committed);
        PartitionTime = partitionTime;
    }

    /// <summary>Decodes the head if there is one that is not decoded; records that can't be decoded go to the handler and are gone.</summary>
    public abstract void EnsureHead();

    /// <summary>Runs the head through the topology and takes it off the queue.</summary>
    public abstract void ProcessHead();

    public ErrorContext Describe(ErrorStage stage, TaskId task, string node, string? sinkTopic = null) => new()
    {
        Stage = stage,
        TaskId = task,
        NodeName = node,
        Source = new RecordMetadata(Topic, Partition, Head.Offset),
        SourceTimestamp = Head.Timestamp,
        SourceKey = Head.Key.ToArray(),
        SourceValue = Head.Value.ToArray(),
        SourceHeaders = Head.Headers,
        SinkTopic = sinkTopic,
    };

    public RecordMetadata HeadSource => new(Topic, Partition, Head.Offset);

    public void Clear()
    {
        while (Count > 0)
            Drop();
        HasHead = false;
    }

    protected void Drop()
    {
        _ring[_first].Release();
        _ring[_first] = default;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        HasHead = false;
        Moved = true;
    }

    private void Grow()
    {
        RawRecord[] larger = new RawRecord[_ring.Length * 2];
        for (int i = 0; i < Count; i++)
            larger[i] = _ring[(_first + i) & (_ring.Length - 1)];
        _ring = larger;
        _first = 0;
    }
}

/// <inheritdoc/>
internal sealed class PartitionQueue<TKey, TValue>(
    StreamTask task, string sourceName, string topic, int partition, ISerde<TKey> keySerde, ISerde<TValue> valueSerde,
    TimestampExtractor<TKey, TValue>? extractor, NodeInput<TKey, TValue>[] children)
    : PartitionQueue(topic, partition)
{
    private readonly SerdeContext _keyContext = new(topic, IsKey: true);
    private readonly SerdeContext _valueContext = new(topic, IsKey: false);
    private Record<TKey, TValue> _head;

    public override void EnsureHead()
    {
        while (!HasHead && Count > 0)
        {
            try
            {
                Decode(in Head);
                HasHead = true;
            }
            catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
            {
                task.HandleDeserializationFailure(this, sourceName, exception);
                Drop();
            }
        }
    }

    public override void ProcessHead()
    {
        if (HeadTimestamp > PartitionTime)
            PartitionTime = HeadTimestamp;
        Forwarding.ToAll(children, in _head);
        _head = default;
        Drop();
    }

    private void Decode(in RawRecord raw)
    {
        Confluent.Kafka.Headers? headers = raw.Headers;
        TKey key = Read(raw.Key, keySerde, headers is null ? _keyContext : _keyContext with { Headers = headers });
        TValue value = Read(raw.Value, valueSerde, headers is null ? _valueContext : _valueContext with { Headers = headers });
        Record<TKey, TValue> record = new(key, value, raw.Timestamp, headers);
        long timestamp = raw.Timestamp;
        if (extractor is not null)
        {
            timestamp = extractor(in record, PartitionTime);
            record = record with { Timestamp = timestamp };
        }
        if (timestamp < 0)
            throw new FormatException($"Its timestamp {timestamp} is negative.");
        _head = record;
        HeadTimestamp = timestamp;
    }

    private static T Read<T>(RawBytes bytes, ISerde<T> serde, in SerdeContext context)
    {
        if (!bytes.IsNull)
            return serde.Deserialize(bytes.Span, in context);
        // A type without null can't say that there is nothing.
        return default(T) is null ? default! : throw new FormatException($"Its {(context.IsKey ? "key" : "value")} is null, and {typeof(T)} has no null.");
    }
}
