using System.Text;
using Assay.Streams;
using Assay.Streams.Testing;
using Confluent.Kafka;

namespace Assay.Conformance.Tests.Streams;

/// <summary>Runs topologies in our test driver and tells it as KafkaStreamsDriver.java does.</summary>
internal static class OurStreams
{
    public static Answer Ask(IReadOnlyList<string> topology, IEnumerable<IReadOnlyList<Input>> runs) =>
        new(TopologyText.Build(topology).Describe(), [.. runs.Select(inputs => Run(TopologyText.Build(topology), inputs))]);

    private static Run Run(Topology topology, IReadOnlyList<Input> inputs)
    {
        List<Output> outputs = [];
        Dictionary<string, Dictionary<string, Change>> changelogs = new(StringComparer.Ordinal);
        using TopologyTestDriver driver = new(topology);
        for (int i = 0; i < inputs.Count; i++)
        {
            (string topic, string? key, string? value, long timestamp) = inputs[i];
            driver.CreateInputTopic(topic, Serdes.String, Serdes.String).PipeInput(key, value, timestamp, new Headers { { "number", Encoding.UTF8.GetBytes($"{i}") } });
            foreach (string written in driver.ProducedTopicNames.Order(StringComparer.Ordinal))
            {
                foreach (Record<byte[], byte[]> record in driver.CreateOutputTopic(written, Serdes.ByteArray, Serdes.ByteArray).ReadRecordsToList())
                {
                    if (!written.EndsWith("-changelog", StringComparison.Ordinal))
                        outputs.Add(new Output(i, written, Latin(record.Key), Latin(record.Value), record.Timestamp, Numbers(record.Headers)));
                    else
                        Keep(changelogs, written, Latin(record.Key)!, new Change(Latin(record.Value), record.Timestamp));
                }
            }
        }
        return new Run(outputs, changelogs.ToDictionary(topic => topic.Key, topic => (IReadOnlyDictionary<string, Change>)topic.Value));
    }

    /// <summary>The last record of a key; the latest one in a changelog of versions.</summary>
    private static void Keep(Dictionary<string, Dictionary<string, Change>> changelogs, string topic, string key, Change change)
    {
        if (!changelogs.TryGetValue(topic, out Dictionary<string, Change>? changelog))
            changelogs.Add(topic, changelog = new Dictionary<string, Change>(StringComparer.Ordinal));
        if (!changelog.TryGetValue(key, out Change? before) || !topic.Contains("versioned", StringComparison.Ordinal) || before.Timestamp <= change.Timestamp)
            changelog[key] = change;
    }

    private static string Numbers(Headers? headers) => string.Join(',', (headers ?? []).Select(header => Latin(header.GetValueBytes())));

    private static string? Latin(byte[]? bytes) => bytes is null ? null : Encoding.Latin1.GetString(bytes);
}
