using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>What became of a batch.</summary>
/// <param name="BaseOffset">The offset of its first record; of a duplicate, the one it got the first time.</param>
/// <param name="AppendTime">Unix ms where the topic stamps records itself; else −1.</param>
/// <param name="Reason">A sentence for the client where there is an error and more to say.</param>
internal readonly record struct AppendResult(KafkaError Error, long BaseOffset = -1, long AppendTime = -1, string? Reason = null);

/// <content>Appending: validation, producer rules, numbering, rolling to a new segment.</content>
internal sealed partial class PartitionLog
{
    private const int HighestCompression = 4;

    /// <summary>Appends one batch of a client, in the bytes it came in (offset and epoch are written into them).</summary>
    /// <param name="mayOpenTransaction">Asked, under the partition's lock, when the batch would be the first of a transaction here.</param>
    public AppendResult Append(Span<byte> bytes, Func<BatchHeader, KafkaError> mayOpenTransaction)
    {
        if (bytes.Length < BatchHeader.Bytes)
            return new AppendResult(KafkaError.CorruptMessage, Reason: "The record batch is shorter than its header.");
        if ((sbyte)bytes[16] != 2)
            return new AppendResult(bytes[16] < 2 ? KafkaError.InvalidRecord : KafkaError.CorruptMessage, Reason: "Only record batches of message format v2 are stored.");
        BatchHeader batch = BatchHeader.Read(bytes);
        if (Malformed(batch, bytes) is { } malformed)
            return malformed;
        if (_config.Compacts && BatchRecords.KeyProblem(bytes) is { } problem)
            return new AppendResult(KafkaError.InvalidRecord, Reason: problem);

        lock (_gate)
        {
            if (_segments.Count == 0)
                return new AppendResult(KafkaError.UnknownTopicOrPartition);
            if (batch.HasProducer)
            {
                KafkaError refused = _producers.Check(batch, out long duplicateOf);
                if (refused == KafkaError.None && duplicateOf < 0 && batch.Transactional && !_producers.HasOpenTransaction(batch.ProducerId))
                    refused = mayOpenTransaction(batch);
                if (refused != KafkaError.None)
                    return new AppendResult(refused);
                if (duplicateOf >= 0)
                    return new AppendResult(KafkaError.None, duplicateOf);
            }
            long appendTime = -1;
            if (_config.StampsOnAppend)
            {
                appendTime = _time.GetUtcNow().ToUnixTimeMilliseconds();
                BatchHeader.WriteAppendTime(bytes, appendTime);
            }
            batch = Write(bytes);
            if (batch.HasProducer)
                _producers.Appended(batch);
            _appended.Set();
            return new AppendResult(KafkaError.None, batch.BaseOffset, appendTime);
        }
    }

    /// <summary>Appends a batch that the broker built itself.</summary>
    public long AppendOwn(byte[] bytes)
    {
        lock (_gate)
        {
            long offset = Write(bytes).BaseOffset;
            _appended.Set();
            return offset;
        }
    }

    /// <summary>Ends a producer's transaction in this partition; a marker for a transaction that is not open does no harm.</summary>
    public void AppendMarker(long producerId, short epoch, bool commit, int coordinatorEpoch)
    {
        byte[] bytes = BatchBuilder.Marker(producerId, epoch, commit, coordinatorEpoch, _time.GetUtcNow().ToUnixTimeMilliseconds());
        lock (_gate)
        {
            if (_segments.Count == 0)
                return;
            if (_producers.Ended(Write(bytes), commit) is { } aborted)
                Active.Aborted.Add(aborted);
            _appended.Set();
        }
    }

    private AppendResult? Malformed(in BatchHeader batch, ReadOnlySpan<byte> bytes)
    {
        if (batch.Size < BatchHeader.Bytes)
            return new AppendResult(KafkaError.CorruptMessage, Reason: "The record batch is shorter than its header.");
        if (batch.Size != bytes.Length)
            return new AppendResult(KafkaError.InvalidRecord, Reason: batch.Size > bytes.Length
                ? "The record batch is longer than the bytes that came with it."
                : "A produce request carries one record batch a partition.");
        if (bytes.Length > _config.MaxMessageBytes)
            return new AppendResult(KafkaError.MessageTooLarge, Reason: $"The record batch of {bytes.Length} bytes is over the topic's max.message.bytes of {_config.MaxMessageBytes}.");
        if (!BatchHeader.CrcHolds(bytes))
            return new AppendResult(KafkaError.CorruptMessage, Reason: "The record batch's CRC does not hold.");
        if (batch.Control)
            return new AppendResult(KafkaError.InvalidRecord, Reason: "Clients may not write control batches.");
        if (batch.Count <= 0 || batch.LastOffsetDelta != batch.Count - 1)
            return new AppendResult(KafkaError.InvalidRecord, Reason: "The record batch's count and last offset delta disagree.");
        if (batch.Compression > HighestCompression)
            return new AppendResult(KafkaError.UnsupportedCompressionType);
        if (batch.HasProducer ? batch.BaseSequence < 0 || batch.ProducerEpoch < 0 : batch.Transactional)
            return new AppendResult(KafkaError.InvalidRecord, Reason: "The record batch's producer fields contradict each other.");
        if (!_config.StampsOnAppend && _time.GetUtcNow().ToUnixTimeMilliseconds() is var now
            && (batch.MaxTimestamp - now > _config.TimestampAfterMaxMs || batch.BaseTimestamp >= 0 && now - batch.BaseTimestamp > _config.TimestampBeforeMaxMs))
            return new AppendResult(KafkaError.InvalidTimestamp, Reason: "The record batch's times are farther from the broker's than the topic's message.timestamp settings allow.");
        return null;
    }

    /// <summary>Numbers a batch and writes it to the end of the log.</summary>
    private BatchHeader Write(Span<byte> bytes)
    {
        BatchHeader.WriteBaseOffset(bytes, EndOffset);
        BatchHeader.WriteLeaderEpoch(bytes, Node.LeaderEpoch);
        BatchHeader batch = BatchHeader.Read(bytes);
        if (Active.File.Length > 0 && (Active.File.Length + bytes.Length > _config.SegmentBytes || TooOldFor(batch)))
            Roll();
        long position = Active.File.Length;
        Active.File.Append(bytes);
        Active.Indexed(batch, position);
        EndOffset = batch.NextOffset;
        return batch;
    }

    /// <summary>
    /// Whether the active segment is to be left by segment.ms: counted in the records' own time, as Apache Kafka does. Markers carry the clock's time, which may
    /// be years from that of the records around them, and do not count.
    /// </summary>
    private bool TooOldFor(in BatchHeader batch) =>
        !batch.Control && Active.FirstTimestamp >= 0 && batch.MaxTimestamp - Active.FirstTimestamp > (_config.Compacts ? Math.Min(_config.SegmentMs, _config.MaxCompactionLagMs) : _config.SegmentMs);

    /// <summary>Begins a new segment. The full one is put on the disk itself in the background; that it is in the page cache suffices until then.</summary>
    private void Roll()
    {
        Segment full = Active;
        SaveCheckpoint(full);
        _segments.Add(new Segment(EndOffset, OpenFile(EndOffset)));
        if (_folder is not null)
            ThreadPool.UnsafeQueueUserWorkItem(FlushQuietly, full, preferLocal: false);
    }

    private void FlushQuietly(Segment segment)
    {
        try
        {
            segment.File.Flush();
        }
        catch (ObjectDisposedException)
        {
            // Deleted or closed meanwhile; closing flushes by itself.
        }
        catch (IOException failure)
        {
            Log.WriteFailed(_logger, Name, failure);
        }
    }
}
