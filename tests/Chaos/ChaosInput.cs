using System.Globalization;

namespace Assay.Chaos.Tests;

/// <summary>An input record.</summary>
/// <param name="Value">Null: a deletion.</param>
/// <param name="Timestamp">Milliseconds since the epoch; no two topics have the same one in a partition.</param>
internal sealed record InputRecord(string Topic, int Partition, string Key, string? Value, long Timestamp);

/// <summary>The same records for the same seed, with disorder within the windows' grace and, rarely, beyond it. It keeps what it has given.</summary>
internal sealed class ChaosInput(int seed)
{
    private const int KeysPerPartition = 6;
    private const long Start = 1_700_000_000_000;
    public static readonly string[] Topics = [ChaosApplication.Events, ChaosApplication.Others, ChaosApplication.Updates, ChaosApplication.Versions];

    private readonly Random _random = new(seed);
    private readonly long[] _clocks = [.. Enumerable.Repeat(Start, ChaosApplication.Partitions)];
    private readonly List<InputRecord> _records = [];

    /// <summary>In the order given; that of each topic's partition is the topic's.</summary>
    public IReadOnlyList<InputRecord> Records => _records;

    public InputRecord Next()
    {
        int partition = _random.Next(ChaosApplication.Partitions);
        int topic = Math.Max(0, _random.Next(6) - 2);
        _clocks[partition] += _random.Next(250);
        long disorder = _random.Next(20) switch
        {
            0 => _random.Next(20_000),
            < 6 => _random.Next(3_000),
            _ => 0,
        };
        string key = $"k{partition}{(char)('a' + _random.Next(KeysPerPartition))}";
        long number = _random.Next(1000);
        return Add(topic, partition, key, Topics[topic] is ChaosApplication.Events or ChaosApplication.Others || _random.Next(5) > 0 ? Text(number) : null, _clocks[partition] - disorder);
    }

    /// <summary>Moves every partition's time on, so that every window closes. Twice, because a task waits for more where an input is empty.</summary>
    public IEnumerable<InputRecord> Finish()
    {
        foreach (int hours in (int[])[1, 2])
        {
            for (int partition = 0; partition < ChaosApplication.Partitions; partition++)
            {
                for (int topic = 0; topic < Topics.Length; topic++)
                    yield return Add(topic, partition, $"k{partition}end", "0", _clocks[partition] + (long)TimeSpan.FromHours(hours).TotalMilliseconds);
            }
        }
    }

    private InputRecord Add(int topic, int partition, string key, string? value, long timestamp)
    {
        InputRecord record = new(Topics[topic], partition, key, value, (timestamp / Topics.Length * Topics.Length) + topic);
        _records.Add(record);
        return record;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
