using System.Buffers;
using System.Collections.Concurrent;
using Assay.Schemas;

namespace Assay.Cli.Replay;

/// <summary>
/// Writes the latest revision of every record as a line of JSON, in the order of <c>at</c>, then of <c>id</c>. A record waits until it can no longer be
/// revised, so what is held is a matter of <c>revise_within</c>, not of the recording's length. A thread of its own makes the lines.
/// </summary>
/// <remarks>
/// A record that was taken back has no line: whether it was ever emitted depends on the order in which its causes arrived, the lines do not.
/// </remarks>
internal sealed class LatestRecords : IDisposable
{
    private const int FullBuffer = 1 << 16;
    private const int BatchSize = 1_024;
    private const int MostBatches = 8;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, Accuracy> _latest = [];
    private readonly PriorityQueue<string, (DateTime At, string Id)> _order = new(Comparer<(DateTime At, string Id)>.Create(
        (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Id, b.Id)));
    private readonly BlockingCollection<List<Accuracy>> _queue = new(MostBatches);
    private readonly Stream _output;
    private readonly Task _writing;
    private List<Accuracy> _batch = new(BatchSize);
    private DateTime _written = DateTime.MinValue;

    /// <param name="output">Stays open.</param>
    public LatestRecords(Stream output)
    {
        _output = output;
        _writing = Task.Factory.StartNew(WriteLines, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Lines written.</summary>
    public long Written { get; private set; }

    /// <summary>Takes a record in place of the one before it under its id.</summary>
    /// <exception cref="UserException">It belongs before what is written already.</exception>
    public void Add(Accuracy record)
    {
        if (record.At < _written)
        {
            throw new UserException(
                $"The round {record.RoundId} of {record.Feed} was mined again with an updated_at more than accuracy.revise_within before the first one: raise accuracy.revise_within.");
        }
        if (!_latest.TryGetValue(record.Id, out Accuracy? before) || before.At != record.At)
            _order.Enqueue(record.Id, (record.At, record.Id));
        _latest[record.Id] = record;
    }

    /// <summary>Writes what has an <c>at</c> before this moment.</summary>
    public void WriteBefore(DateTime moment)
    {
        while (_order.TryPeek(out string? id, out (DateTime At, string Id) place) && place.At < moment)
        {
            _order.Dequeue();
            _written = place.At;
            // A record that moved waits in two places; it is written at that where it stands.
            if (_latest.TryGetValue(id, out Accuracy? record) && record.At == place.At)
            {
                _latest.Remove(id);
                Write(record);
            }
        }
    }

    /// <summary>Writes the rest, to the last byte.</summary>
    /// <exception cref="IOException">The output takes no more.</exception>
    public void End()
    {
        WriteBefore(DateTime.MaxValue);
        Post();
        _queue.CompleteAdding();
        _writing.GetAwaiter().GetResult();
    }

    /// <summary>Ends the writing, wherever it stands.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
        _queue.Dispose();
    }

    private void Write(Accuracy record)
    {
        if (record.Status == AccuracyStatus.Retracted)
            return;
        Written++;
        _batch.Add(record);
        if (_batch.Count == BatchSize)
            Post();
    }

    private void Post()
    {
        // A writer that has failed takes nothing any more.
        while (!_queue.TryAdd(_batch, LookAgain))
        {
            if (_writing.IsCompleted)
                _writing.GetAwaiter().GetResult();
        }
        _batch = new List<Accuracy>(BatchSize);
    }

    private void WriteLines()
    {
        ArrayBufferWriter<byte> buffer = new(2 * FullBuffer);
        foreach (List<Accuracy> batch in _queue.GetConsumingEnumerable())
        {
            foreach (Accuracy record in batch)
            {
                AccuracyJson.Write(record, buffer);
                buffer.Write("\n"u8);
                if (buffer.WrittenCount >= FullBuffer)
                    Flush(buffer);
            }
        }
        Flush(buffer);
        _output.Flush();
    }

    private void Flush(ArrayBufferWriter<byte> buffer)
    {
        _output.Write(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
