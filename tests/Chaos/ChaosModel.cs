using System.Globalization;

namespace Assay.Chaos.Tests;

/// <summary>What <see cref="ChaosTopology"/> must give, by its definition, from the complete input.</summary>
internal sealed class ChaosModel
{
    private readonly List<OutputRecord> _outputs = [];
    private readonly Dictionary<string, (long Value, long Timestamp)> _counts = [];
    private readonly Dictionary<string, (long Value, long Timestamp)> _reduced = [];
    private readonly Dictionary<string, (string Value, long Timestamp)> _updates = [];
    private readonly SortedDictionary<(long Start, string Key), (long Value, long Timestamp)> _windows = [];
    private readonly List<string> _grouped = [];
    private readonly HashSet<string> _tallied = [];
    private long _streamTime = -1;

    private readonly SessionModel _sessions;
    private readonly JoinModel _joined;
    private readonly AsOfModel _asOf;

    private ChaosModel()
    {
        long gap = (long)ChaosApplication.Gap.TotalMilliseconds;
        long grace = (long)ChaosApplication.Grace.TotalMilliseconds;
        _sessions = new SessionModel(gap, grace, (key, value, time) => Give("session", key, value, time));
        _joined = new JoinModel(gap, grace, (key, value, time) => Give("join", key, value, time));
        _asOf = new AsOfModel((long)ChaosApplication.History.TotalMilliseconds, grace, (key, value, time) => Give("asof", key, value, time));
    }

    /// <summary>Each key's results.</summary>
    public static Dictionary<string, Expectation> Expected(IEnumerable<InputRecord> input)
    {
        List<ChaosModel> models = [];
        foreach (IGrouping<int, InputRecord> partition in input.GroupBy(record => record.Partition))
        {
            ChaosModel model = new();
            foreach (InputRecord record in InTurn(partition))
                model.Take(record);
            models.Add(model);
        }
        Dictionary<string, Expectation> expected = models.SelectMany(model => model._outputs).GroupBy(record => record.Key).ToDictionary(key => key.Key, key => new Expectation([.. key]));
        // Of all partitions together: what comes out between depends on which was faster.
        foreach (IGrouping<string, string> group in models.SelectMany(model => model._grouped).GroupBy(group => group))
            expected.Add($"regroup/{group.Key}", new Expectation([.. Enumerable.Range(1, group.Count()).Select(count => new OutputRecord($"regroup/{group.Key}", $"{count}", null))]));
        foreach (string group in models.SelectMany(model => model._tallied).Distinct())
        {
            int rows = models.Sum(model => model._updates.Values.Count(update => GroupOf(update.Value) == group));
            expected.Add($"tally/{group}", new Expectation([new OutputRecord($"tally/{group}", $"{rows}", null)], OnlyLast: true));
        }
        return expected;
    }

    /// <summary>A task's order: of its inputs' next records the one with the smallest timestamp, until one input has none.</summary>
    private static IEnumerable<InputRecord> InTurn(IEnumerable<InputRecord> partition)
    {
        List<Queue<InputRecord>> inputs = [.. partition.GroupBy(record => record.Topic).Select(topic => new Queue<InputRecord>(topic))];
        while (inputs.TrueForAll(input => input.Count > 0))
            yield return inputs.MinBy(input => input.Peek().Timestamp)!.Dequeue();
    }

    private void Take(InputRecord record)
    {
        _streamTime = Math.Max(_streamTime, record.Timestamp);
        _joined.Close(_streamTime);
        if (record.Topic == ChaosApplication.Updates)
            Update(record);
        else if (record.Topic == ChaosApplication.Versions)
            _asOf.Update(record, _streamTime);
        else if (record.Topic == ChaosApplication.Others)
            _joined.Right(record, _streamTime);
        else
            Event(record, long.Parse(record.Value!, CultureInfo.InvariantCulture));
        Close();
    }

    private void Update(InputRecord record)
    {
        if (record.Value is null)
            _updates.Remove(record.Key);
        else
        {
            _updates[record.Key] = (record.Value, record.Timestamp);
            _tallied.Add(GroupOf(record.Value));
        }
    }

    private void Event(InputRecord record, long value)
    {
        (long Value, long Timestamp) count = _counts[record.Key] = Later(_counts.GetValueOrDefault(record.Key), record, was => was + 1);
        Give("count", record.Key, $"{count.Value}", count.Timestamp);

        (long Value, long Timestamp) reduced = _reduced[record.Key] =
            _reduced.TryGetValue(record.Key, out (long Value, long Timestamp) before) ? Later(before, record, was => ChaosTopology.Fold(was, value)) : (value, record.Timestamp);
        Give("reduce", record.Key, $"{reduced.Value}", reduced.Timestamp);

        _grouped.Add(ChaosTopology.Group(value));

        (string Value, long Timestamp) update = _updates.GetValueOrDefault(record.Key);
        Give("lookup", record.Key, $"{value}+{update.Value}", Math.Max(record.Timestamp, update.Timestamp));

        _sessions.Take(record, _streamTime);
        _joined.Left(record, _streamTime);
        _asOf.Release(_streamTime);
        _asOf.Take(record, _streamTime);

        long size = (long)ChaosApplication.WindowSize.TotalMilliseconds;
        long start = record.Timestamp / size * size;
        if (!IsClosed(start))
            _windows[(start, record.Key)] = Later(_windows.GetValueOrDefault((start, record.Key)), record, was => ChaosTopology.Fold(was, value));
    }

    private void Close()
    {
        foreach (((long start, string key), (long value, long timestamp)) in _windows.Where(window => IsClosed(window.Key.Start)).ToArray())
        {
            string text = $"{start}–{start + (long)ChaosApplication.WindowSize.TotalMilliseconds}: {value}";
            Give("window", key, text, timestamp);
            Give("suppress", key, text, timestamp);
            _windows.Remove((start, key));
        }
        _sessions.Close(_streamTime);
        _asOf.Release(_streamTime);
    }

    private static string GroupOf(string update) => ChaosTopology.Group(long.Parse(update, CultureInfo.InvariantCulture));

    private bool IsClosed(long start) => start + (long)(ChaosApplication.WindowSize + ChaosApplication.Grace).TotalMilliseconds <= _streamTime;

    private static (long Value, long Timestamp) Later((long Value, long Timestamp) aggregate, InputRecord record, Func<long, long> next) =>
        (next(aggregate.Value), Math.Max(aggregate.Timestamp, record.Timestamp));

    private void Give(string kind, string key, string value, long timestamp) => _outputs.Add(new OutputRecord($"{kind}/{key}", value, timestamp));
}
