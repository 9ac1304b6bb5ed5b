using System.Buffers.Binary;
using System.Text;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Compares what the changelogs of both engines hold: each key's last value and, where a restore reads it, its time.</summary>
/// <remarks>
/// What ours deletes since its window has left the store, theirs leaves to the topic's retention. A stream join's stores number the records of one key and
/// moment: theirs with one count for the whole store, ours from nought for each. The buffers of suppressed tables and of joins that wait are written in a form of our own.
/// </remarks>
internal static class Changelogs
{
    private const int Sequence = sizeof(int);
    private static readonly string[] JoinStores = ["JOINTHIS", "JOINOTHER", "OUTERTHIS", "OUTEROTHER", "-this-join-store", "-other-join-store"];

    public static void AssertSame(Run theirs, Run ours, long streamTime, string about)
    {
        List<string> expected = [], actual = [];
        foreach (string topic in theirs.Changelogs.Keys.Union(ours.Changelogs.Keys).Order(StringComparer.Ordinal))
        {
            if (topic.Contains("SUPPRESS", StringComparison.Ordinal) || topic.EndsWith("-Buffer-changelog", StringComparison.Ordinal))
                continue;
            Dictionary<string, string?> their = Lines(topic, theirs), our = Lines(topic, ours);
            foreach (string key in their.Keys.Union(our.Keys).Order(StringComparer.Ordinal))
            {
                string? theirLine = their.GetValueOrDefault(key), ourLine = our.GetValueOrDefault(key);
                if (ourLine is null && Left(topic, key, streamTime))
                    continue;
                expected.Add($"{topic} {Comparison.Printable(key)}: {theirLine ?? "nothing"}");
                actual.Add($"{topic} {Comparison.Printable(key)}: {ourLine ?? "nothing"}");
            }
        }
        Comparison.AssertSame(expected, actual, about);
    }

    /// <summary>What stands under each key, or each key and moment of a join; null: deleted, which is like nothing.</summary>
    private static Dictionary<string, string?> Lines(string topic, Run run)
    {
        IReadOnlyDictionary<string, Change> changes = run.Changelogs.GetValueOrDefault(topic) ?? new Dictionary<string, Change>();
        return changes.Where(change => change.Value.Value is not null).OrderBy(change => change.Key, StringComparer.Ordinal)
            .GroupBy(change => IsJoin(topic) ? change.Key[..^Sequence] : change.Key)
            .ToDictionary(group => group.Key, group => (string?)string.Join(", ", group.Select(change => Line(topic, change.Key, change.Value))));
    }

    private static string Line(string topic, string key, Change change) => Comparison.Printable(change.Value!)
        + (IsJoin(topic) || IsSession(key) || topic.Contains("SHARED", StringComparison.Ordinal) || topic.Contains("counter", StringComparison.Ordinal) ? "" : $" at {change.Timestamp}");

    /// <summary>Whether a window's key is of one that may have left the store: those end with a start and a sequence number, those of sessions with end and start.
    /// A user's key has one or two letters.</summary>
    private static bool Left(string topic, string key, long streamTime)
    {
        int suffix = IsJoin(topic) ? 8 : key.Length is 13 or 14 ? 12 : IsSession(key) ? 16 : 0;
        return suffix > 0 && BinaryPrimitives.ReadInt64BigEndian(Encoding.Latin1.GetBytes(key[^suffix..])) < streamTime;
    }

    private static bool IsSession(string key) => key.Length is 17 or 18;

    private static bool IsJoin(string topic) => JoinStores.Any(name => topic.Contains(name, StringComparison.Ordinal));
}
