using System.Text;
using Assay.Streams;
using Assay.Streams.Testing;

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
            driver.CreateInputTopic(topic, Serdes.String, Serdes.String).PipeInput(key, value, timestamp);
            foreach (string written in driver.ProducedTopicNames.Order(StringComparer.Ordinal))
            {
                foreach (Record<byte[], byte[]> record in driver.CreateOutputTopic(written, Serdes.ByteArray, Serdes.ByteArray).ReadRecordsToList())
                {
                    if (!written.EndsWith("-changelog", StringComparison.Ordinal))
                        outputs.Add(new Output(i, written, Latin(record.Key), Latin(record.Value), record.Timestamp));
                    else if (changelogs.TryGetValue(written, out Dictionary<string, Change>? changelog))
                        changelog[Latin(record.Key)!] = new Change(Latin(record.Value), record.Timestamp);
                    else
                        changelogs.Add(written, new Dictionary<string, Change>(StringComparer.Ordinal) { [Latin(record.Key)!] = new Change(Latin(record.Value), record.Timestamp) });
                }
            }
        }
        return new Run(outputs, changelogs.ToDictionary(topic => topic.Key, topic => (IReadOnlyDictionary<string, Change>)topic.Value));
    }

    private static string? Latin(byte[]? bytes) => bytes is null ? null : Encoding.Latin1.GetString(bytes);
}
