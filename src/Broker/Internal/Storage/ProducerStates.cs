using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>A transaction that ended in an abort: readers of committed records skip the producer's records from its first to its last offset.</summary>
internal sealed class AbortedTransaction : IMessage
{
    public long ProducerId;
    public long FirstOffset;
    /// <summary>The offset of the abort marker.</summary>
    public long LastOffset;

    public void Visit(Codec codec)
    {
        codec.Int64(ref ProducerId);
        codec.Int64(ref FirstOffset);
        codec.Int64(ref LastOffset);
        codec.Tags();
    }
}

/// <summary>
/// What one partition remembers of its producers: epoch, the last five batches (to recognise a duplicate) and the open transaction.
/// Not thread-safe; the partition's lock guards it.
/// Rules: an older epoch is fenced; a newer one starts at sequence 0; within an epoch sequences follow each other, wrapping from 2³¹−1 to 0; a
/// producer never seen (or forgotten) may start anywhere, as its earlier records may have been deleted.
/// </summary>
internal sealed class ProducerStates : IMessage
{
    private const int RememberedBatches = 5;

    private readonly Dictionary<long, Producer> _producers = [];
    private readonly SortedDictionary<long, long> _open = [];

    /// <summary>The first offset of the earliest open transaction; null: none is open.</summary>
    public long? FirstOpenOffset => _open.Count == 0 ? null : _open.First().Key;

    public IReadOnlyDictionary<long, Producer> All => _producers;

    /// <summary>Whether this producer has a transaction open here.</summary>
    public bool HasOpenTransaction(long producerId) => _producers.TryGetValue(producerId, out Producer? producer) && producer.OpenSince >= 0;

    /// <summary>Judges a client's batch before it is appended. A duplicate answers with <c>None</c> and the offset that it got the first time.</summary>
    public KafkaError Check(in BatchHeader batch, out long duplicateOf)
    {
        duplicateOf = -1;
        if (!_producers.TryGetValue(batch.ProducerId, out Producer? producer))
            return KafkaError.None;
        if (batch.ProducerEpoch < producer.Epoch)
            return KafkaError.InvalidProducerEpoch;
        if (batch.ProducerEpoch == producer.Epoch)
        {
            foreach (Appended appended in producer.Batches)
                if (appended.FirstSequence == batch.BaseSequence && appended.LastSequence == batch.LastSequence)
                {
                    duplicateOf = appended.FirstOffset;
                    return KafkaError.None;
                }
            int expected = producer.Batches.Length == 0 ? 0 : (int)(((uint)producer.Batches[^1].LastSequence + 1) & int.MaxValue);
            if (batch.BaseSequence != expected)
                return KafkaError.OutOfOrderSequenceNumber;
        }
        else if (batch.BaseSequence != 0)
            return KafkaError.OutOfOrderSequenceNumber;
        return producer.OpenSince >= 0 && !batch.Transactional ? KafkaError.InvalidTransactionState : KafkaError.None;
    }

    /// <summary>Takes note of a batch that was appended (its base offset is the real one).</summary>
    public void Appended(in BatchHeader batch)
    {
        Producer producer = Of(batch.ProducerId);
        if (producer.Epoch != batch.ProducerEpoch)
            producer.Batches = [];
        producer.Epoch = batch.ProducerEpoch;
        producer.LastTimestamp = Math.Max(producer.LastTimestamp, batch.MaxTimestamp);
        Appended entry = new() { FirstSequence = batch.BaseSequence, LastSequence = batch.LastSequence, FirstOffset = batch.BaseOffset };
        producer.Batches = [.. producer.Batches.AsSpan(Math.Max(0, producer.Batches.Length - RememberedBatches + 1)), entry];
        if (batch.Transactional && producer.OpenSince < 0)
        {
            producer.OpenSince = batch.BaseOffset;
            _open[batch.BaseOffset] = batch.ProducerId;
        }
    }

    /// <summary>Takes note of a marker that was appended; returns the transaction where it aborted one.</summary>
    public AbortedTransaction? Ended(in BatchHeader marker, bool commit)
    {
        Producer producer = Of(marker.ProducerId);
        if (marker.ProducerEpoch > producer.Epoch)
        {
            producer.Epoch = marker.ProducerEpoch;
            producer.Batches = [];
        }
        producer.LastTimestamp = Math.Max(producer.LastTimestamp, marker.MaxTimestamp);
        long since = producer.OpenSince;
        if (since < 0)
            return null;
        producer.OpenSince = -1;
        _open.Remove(since);
        return commit ? null : new AbortedTransaction { ProducerId = marker.ProducerId, FirstOffset = since, LastOffset = marker.BaseOffset };
    }

    /// <summary>Forgets producers that wrote nothing since <paramref name="timestamp"/> and have no open transaction.</summary>
    public void ForgetBefore(long timestamp)
    {
        foreach (long id in _producers.Where(entry => entry.Value.OpenSince < 0 && entry.Value.LastTimestamp < timestamp).Select(entry => entry.Key).ToArray())
            _producers.Remove(id);
    }

    /// <summary>Becomes what <paramref name="other"/> is.</summary>
    public void TakeFrom(ProducerStates other)
    {
        _producers.Clear();
        _open.Clear();
        foreach (Producer producer in other._producers.Values)
        {
            _producers[producer.Id] = producer;
            if (producer.OpenSince >= 0)
                _open[producer.OpenSince] = producer.Id;
        }
    }

    public void Visit(Codec codec)
    {
        Producer[] producers = [.. _producers.Values];
        codec.Array(ref producers);
        codec.Tags();
        foreach (Producer producer in producers)
            _producers[producer.Id] = producer;
    }

    private Producer Of(long id)
    {
        if (!_producers.TryGetValue(id, out Producer? producer))
            _producers[id] = producer = new Producer { Id = id };
        return producer;
    }

    internal sealed class Producer : IMessage
    {
        public long Id;
        public short Epoch = -1;
        public long LastTimestamp = -1;
        /// <summary>The first offset of the open transaction; −1: none.</summary>
        public long OpenSince = -1;
        /// <summary>Oldest first.</summary>
        public Appended[] Batches = [];

        /// <summary>The offset of the last data record; −1: none is known.</summary>
        public long LastOffset => Batches is [.., var last] ? last.LastOffset : -1;

        public void Visit(Codec codec)
        {
            codec.Int64(ref Id);
            codec.Int16(ref Epoch);
            codec.Int64(ref LastTimestamp);
            codec.Int64(ref OpenSince);
            codec.Array(ref Batches);
            codec.Tags();
        }
    }
}

/// <summary>A batch as its producer numbered it, and where it went.</summary>
internal sealed class Appended : IMessage
{
    public int FirstSequence;
    public int LastSequence;
    public long FirstOffset;

    /// <summary>Sequences count as offsets do, but wrap.</summary>
    public long LastOffset => FirstOffset + (((uint)LastSequence - (uint)FirstSequence) & int.MaxValue);

    public void Visit(Codec codec)
    {
        codec.Int32(ref FirstSequence);
        codec.Int32(ref LastSequence);
        codec.Int64(ref FirstOffset);
        codec.Tags();
    }
}
