using System.Globalization;

namespace Assay.Broker.Bench;

/// <summary>Kafka's own performance tools: 100-byte records into one partition, idempotent with acks=all, and out of it.</summary>
internal static class Throughput
{
    public static Task RunAsync(string kafkaHome, int runs, int records, CancellationToken ct) => BrokerUnderTest.InTurnsAsync(kafkaHome, runs, async broker =>
    {
        string[] produced = await Tool.RunAsync(kafkaHome, "kafka-producer-perf-test.sh",
            ["--topic", "bench", "--num-records", $"{records}", "--record-size", "100", "--throughput", "-1",
                "--producer-props", $"bootstrap.servers={broker.Bootstrap}", "acks=all", "enable.idempotence=true"], ct);
        string[] consumed = await Tool.RunAsync(kafkaHome, "kafka-consumer-perf-test.sh",
            ["--bootstrap-server", broker.Bootstrap, "--topic", "bench", "--messages", $"{records}", "--timeout", "30000"], ct);
        // "2000000 records sent, 242571.2 records/sec (…", and comma-separated columns of which the sixth is nMsg.sec and the last fetch.nMsg.sec.
        string rate = produced.Last(line => line.Contains("records/sec", StringComparison.Ordinal)).Split(", ")[1].Split(' ')[0];
        string[] columns = consumed[^1].Split(", ");
        Console.WriteLine(
            $"{{\"broker\":\"{broker.Name}\",\"produced_per_second\":{Whole(rate)},\"consumed_per_second\":{Whole(columns[5])},\"fetched_per_second\":{Whole(columns[^1])},"
            + $"\"cpu_seconds\":{broker.ProcessorTime.TotalSeconds:0.0},\"rss_mb\":{broker.MostResident}}}");
    }, ct);

    private static string Whole(string number) => double.Parse(number, CultureInfo.InvariantCulture).ToString("0", CultureInfo.InvariantCulture);
}
