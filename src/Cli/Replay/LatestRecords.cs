using System.Buffers;
using Assay.Schemas;

namespace Assay.Cli.Replay;

/// <summary>
/// Writes the latest revision of every record as a line of JSON, in the order of <c>at</c>, then of <c>id</c>. A record waits until it can no longer be
/// revised, so what is held is a matter of <c>revise_within</c>, not of the recording's length.
/// </summary>
/// <remarks>
/// A record that was taken back has no line: whether it was ever emitted depends on the order in which its causes arrived, the lines do not.
/// </remarks>
internal sealed class LatestRecords(Stream output)
{
    private const int FullBuffer = 1 << 16;

    private readonly Dictionary<string, Accuracy> _latest = [];
    private readonly PriorityQueue<string, (DateTime At, string Id)> _order = new(Comparer<(DateTime At, string Id)>.Create(
        (a, b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.Id, b.Id)));
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FullBuffer);
    private DateTime _written = DateTime.MinValue;

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

    /// <summary>Writes the rest.</summary>
    public void End()
    {
        WriteBefore(DateTime.MaxValue);
        output.Write(_buffer.WrittenSpan);
        _buffer.Clear();
        output.Flush();
    }

    private void Write(Accuracy record)
    {
        if (record.Status == AccuracyStatus.Retracted)
            return;
        AccuracyJson.Write(record, _buffer);
        _buffer.Write("\n"u8);
        Written++;
        if (_buffer.WrittenCount < FullBuffer)
            return;
        output.Write(_buffer.WrittenSpan);
        _buffer.Clear();
    }
}
