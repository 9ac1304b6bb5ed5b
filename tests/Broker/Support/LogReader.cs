using System.Text;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Tests.Support;

/// <summary>A record as a consumer sees it.</summary>
internal sealed record Seen(long Offset, long Timestamp, string? Key, string? Value);

/// <summary>Reads a log as consumers do: fetch by fetch, whole batches, aborted transactions left out by the list that comes with each fetch.</summary>
internal static class LogReader
{
    public static List<Seen> Committed(PartitionLog log, int maxBytes = 2_000)
    {
        List<Seen> seen = [];
        for (long next = log.StartOffset; next < log.LastStableOffset;)
        {
            ReadResult read = log.Read(next, maxBytes, committedOnly: true, atLeastOne: true);
            Assert.Equal(KafkaError.None, read.Error);
            if (read.Length == 0)
                break;
            Queue<AbortedTransaction> ahead = new(read.Aborted!.OrderBy(aborted => aborted.FirstOffset));
            HashSet<long> aborting = [];
            foreach (byte[] bytes in Split(read.Buffer.AsSpan(0, read.Length)))
            {
                BatchHeader batch = BatchHeader.Read(bytes);
                while (ahead.TryPeek(out AbortedTransaction? aborted) && aborted.FirstOffset <= batch.LastOffset)
                    aborting.Add(ahead.Dequeue().ProducerId);
                if (batch.Control)
                    aborting.Remove(batch.ProducerId);
                else if (!batch.Transactional || !aborting.Contains(batch.ProducerId))
                    seen.AddRange(BatchRecords.Read(bytes).Where(record => record.Offset >= next)
                        .Select(record => new Seen(record.Offset, record.Timestamp, Text(record.Record.Key), Text(record.Record.Value))));
            }
            next = Split(read.Buffer.AsSpan(0, read.Length)).Max(bytes => BatchHeader.Read(bytes).NextOffset);
        }
        return seen;
    }

    /// <summary>All batches of a log, markers too.</summary>
    public static List<BatchHeader> Batches(PartitionLog log)
    {
        List<BatchHeader> batches = [];
        for (long next = log.StartOffset; next < log.EndOffset;)
        {
            ReadResult read = log.Read(next, 100_000, committedOnly: false, atLeastOne: true);
            if (read.Length == 0)
                break;
            batches.AddRange(Split(read.Buffer.AsSpan(0, read.Length)).Select(bytes => BatchHeader.Read(bytes)));
            next = batches[^1].NextOffset;
        }
        return batches;
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> bytes)
    {
        List<byte[]> batches = [];
        for (; bytes.Length > 0; bytes = bytes[batches[^1].Length..])
            batches.Add(bytes[..BatchHeader.Read(bytes).Size].ToArray());
        return batches;
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);
}
