namespace Assay.Chaos.Tests;

/// <summary>A left join of two streams within a time difference: each left record with each right one of its key that it meets, and alone once its window has closed on it.</summary>
/// <remarks>A left record lives for the difference and the grace, a right one until no left one in time can meet it any more; what is older than that is not taken.</remarks>
internal sealed class JoinModel(long difference, long grace, Action<string, string, long> give)
{
    private readonly long _leftLife = difference + grace;
    private readonly long _rightLife = (2 * difference) + grace;
    private readonly List<Kept> _left = [];
    private readonly List<Kept> _right = [];

    public void Left(InputRecord record, long streamTime)
    {
        Kept left = new(record.Key, record.Value!, record.Timestamp);
        if (left.Timestamp < streamTime - _leftLife)
            return;
        foreach (Kept right in Meeting(_right, left, streamTime - _rightLife))
        {
            left.Met = true;
            give(left.Key, $"{left.Value}&{right.Value}", Math.Max(left.Timestamp, right.Timestamp));
        }
        _left.Add(left);
    }

    public void Right(InputRecord record, long streamTime)
    {
        Kept right = new(record.Key, record.Value!, record.Timestamp);
        if (right.Timestamp < streamTime - _rightLife)
            return;
        foreach (Kept left in Meeting(_left, right, streamTime - _leftLife))
        {
            left.Met = true;
            give(right.Key, $"{left.Value}&{right.Value}", Math.Max(left.Timestamp, right.Timestamp));
        }
        _right.Add(right);
    }

    /// <summary>Before a record and after it.</summary>
    public void Close(long streamTime)
    {
        foreach (Kept left in _left.Where(left => left.Timestamp < streamTime - _leftLife).OrderBy(left => left.Timestamp))
        {
            if (!left.Met)
                give(left.Key, $"{left.Value}&", left.Timestamp);
        }
        _left.RemoveAll(left => left.Timestamp < streamTime - _leftLife);
        _right.RemoveAll(right => right.Timestamp < streamTime - _rightLife);
    }

    private IEnumerable<Kept> Meeting(List<Kept> side, Kept record, long earliest) => side
        .Where(other => other.Key == record.Key && other.Timestamp >= earliest && Math.Abs(other.Timestamp - record.Timestamp) <= difference)
        .OrderBy(other => other.Timestamp);

    private sealed record Kept(string Key, string Value, long Timestamp)
    {
        public bool Met { get; set; }
    }
}
