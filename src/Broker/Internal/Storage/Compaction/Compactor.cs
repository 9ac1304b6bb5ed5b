using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Storage.Compaction;

/// <summary>What compaction must know of a log besides its segments.</summary>
/// <param name="Aborted">The log's aborted transactions.</param>
/// <param name="Producers">The last data batch's last offset (−1: none) and the epoch of each producer: such a batch stays, without records if need be, as it tells where the sequence stands.</param>
/// <param name="Now">Unix ms.</param>
/// <param name="DeleteRetentionMs">How long tombstones and markers stay from the first pass on that could drop them.</param>
internal sealed record CompactionScope(
    IReadOnlyList<AbortedTransaction> Aborted, IReadOnlyDictionary<long, (long LastOffset, short Epoch)> Producers, long Now, long DeleteRetentionMs);

/// <summary>
/// One pass of compaction, by the rules of Apache Kafka's log cleaner. First the keys of the part that no pass has seen are read into a table of their newest offsets;
/// then all segments up to there are copied without the records that a newer one replaces, without those of aborted transactions, and without tombstones and transaction
/// markers whose time is up. That time begins with the first pass that could drop them, and is written into their batch (<see cref="BatchHeader.DeleteHorizon"/>);
/// a marker is only ever dropped when nothing is left of its transaction. Offsets do not change; a batch keeps its first and last offset and sequence.
/// </summary>
internal sealed class Compactor(string name, CompactionScope scope, ILogger logger)
{
    private readonly TransactionTracker _transactions = new(scope.Aborted);
    private KeyOffsets _newest = new(0);

    /// <summary>Reads the keys from <paramref name="firstDirty"/> on; returns the offset up to which the table had room for them.</summary>
    public long ReadKeys(IReadOnlyList<Segment> dirty, long firstDirty, int mostKeys, CancellationToken ct)
    {
        _newest = new KeyOffsets(mostKeys);
        TransactionTracker transactions = new(scope.Aborted.Where(transaction => transaction.LastOffset >= dirty[0].BaseOffset));
        foreach (Segment segment in dirty)
        {
            using BatchReader reader = new(segment);
            for (ReadOnlySpan<byte> bytes = reader.Next(); bytes.Length > 0; bytes = reader.Next())
            {
                ct.ThrowIfCancellationRequested();
                BatchHeader batch = BatchHeader.Read(bytes);
                if (batch.Control)
                    transactions.EndsNothing(batch);
                else if (!transactions.IsAborted(batch) && !PutKeys(bytes, batch, firstDirty))
                    return _newest.LatestOffset + 1;
                _newest.LatestOffset = Math.Max(_newest.LatestOffset, batch.LastOffset);
            }
        }
        return _newest.LatestOffset + 1;
    }

    /// <summary>Copies what stays of a segment to the end of another. Segments come in their order, from the log's first on.</summary>
    public void Copy(Segment from, Segment into, CancellationToken ct)
    {
        using BatchReader reader = new(from);
        for (ReadOnlySpan<byte> bytes = reader.Next(); bytes.Length > 0; bytes = reader.Next())
        {
            ct.ThrowIfCancellationRequested();
            BatchHeader batch = BatchHeader.Read(bytes);
            ReadOnlySpan<byte> kept = batch.Control ? Marker(bytes, batch) : Data(bytes, batch);
            if (kept.Length == 0)
                continue;
            into.Indexed(BatchHeader.Read(kept), into.File.Length);
            into.File.Append(kept);
            if (batch.Control && from.Aborted.Find(aborted => aborted.LastOffset == batch.BaseOffset) is { } transaction)
                into.Aborted.Add(transaction);
        }
    }

    private bool PutKeys(ReadOnlySpan<byte> bytes, in BatchHeader batch, long firstDirty)
    {
        try
        {
            using PlainRecords plain = PlainRecords.Of(bytes);
            RecordCursor cursor = new(plain.In(bytes));
            for (int index = 0; index < batch.Count; index++)
            {
                cursor.MoveNext();
                long offset = batch.BaseOffset + cursor.OffsetDelta;
                if (!cursor.HasKey || offset < firstDirty)
                    continue;
                if (!_newest.TryPut(cursor.Key, offset))
                    return false;
                _newest.LatestOffset = offset;
            }
        }
        catch (WireException unreadable)
        {
            Log.BatchNotOpened(logger, name, batch.BaseOffset, unreadable.Message);
        }
        return true;
    }

    private ReadOnlySpan<byte> Marker(ReadOnlySpan<byte> bytes, in BatchHeader batch)
    {
        bool endsNothing = _transactions.EndsNothing(batch);
        if (batch.Count == 0 || endsNothing && batch.DeleteHorizon <= scope.Now)
            return WithoutRecords(bytes, batch);
        return endsNothing && batch.DeleteHorizon is null ? Rewritten(bytes, batch, _ => true, dropLater: true) : bytes;
    }

    private ReadOnlySpan<byte> Data(ReadOnlySpan<byte> bytes, in BatchHeader batch)
    {
        if (_transactions.IsAborted(batch))
            return WithoutRecords(bytes, batch);
        try
        {
            using PlainRecords plain = PlainRecords.Of(bytes);
            RecordCursor cursor = new(plain.In(bytes));
            HashSet<long> dropped = [];
            bool tombstones = false;
            for (int index = 0; index < batch.Count; index++)
            {
                cursor.MoveNext();
                if (Stays(cursor, batch))
                    tombstones |= !cursor.HasValue;
                else
                    dropped.Add(cursor.OffsetDelta);
            }
            if (dropped.Count == batch.Count)
                return WithoutRecords(bytes, batch);
            bool dropLater = tombstones && batch.DeleteHorizon is null;
            return dropped.Count == 0 && !dropLater ? bytes : Rewritten(bytes, batch, delta => !dropped.Contains(delta), dropLater);
        }
        catch (WireException)
        {
            // Whose keys could not be read stays whole, as it was said then.
            return bytes;
        }
    }

    private bool Stays(in RecordCursor record, in BatchHeader batch)
    {
        long offset = batch.BaseOffset + record.OffsetDelta;
        if (offset > _newest.LatestOffset)
            return true;
        return record.HasKey && offset >= _newest.Find(record.Key) && (record.HasValue || batch.DeleteHorizon is null || scope.Now < batch.DeleteHorizon);
    }

    /// <summary>Nothing, or the bare header where the producer's sequence could not be known without it.</summary>
    private byte[] WithoutRecords(ReadOnlySpan<byte> bytes, in BatchHeader batch)
    {
        bool last = batch.HasProducer && scope.Producers.TryGetValue(batch.ProducerId, out (long LastOffset, short Epoch) producer)
            && (producer.LastOffset >= 0 ? batch.LastOffset == producer.LastOffset : batch.Control && batch.ProducerEpoch == producer.Epoch);
        return last ? BatchBuilder.Rebuilt(bytes, [], count: 0, compression: 0, batch.MaxTimestamp) : [];
    }

    /// <summary>The batch with some of its records.</summary>
    /// <param name="dropLater">Whether the time until its tombstones or its marker may go begins now.</param>
    private byte[] Rewritten(ReadOnlySpan<byte> bytes, in BatchHeader batch, Predicate<long> stays, bool dropLater)
    {
        long? horizon = dropLater ? scope.Now + scope.DeleteRetentionMs : null;
        using PlainRecords plain = PlainRecords.Of(bytes);
        using MemoryStream records = new();
        RecordCursor cursor = new(plain.In(bytes));
        int count = 0;
        long largest = -1;
        for (int index = 0; index < batch.Count; index++)
        {
            cursor.MoveNext();
            if (!stays(cursor.OffsetDelta))
                continue;
            count++;
            long timestamp = batch.BaseTimestamp + cursor.TimestampDelta;
            largest = Math.Max(largest, timestamp);
            if (horizon is null)
                records.Write(cursor.Whole);
            else
                BatchBuilder.WriteRecord(records, cursor.Attributes, timestamp - horizon.Value, cursor.AfterTimestamp);
        }
        ReadOnlySpan<byte> body = records.GetBuffer().AsSpan(0, (int)records.Length);
        if (batch.Compression != 0)
            body = Compression.Pack(batch.Compression, body);
        return BatchBuilder.Rebuilt(bytes, body, count, batch.Compression, batch.StampedOnAppend ? batch.MaxTimestamp : largest, horizon);
    }
}
