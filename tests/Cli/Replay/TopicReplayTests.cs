using System.Globalization;
using System.Text;
using Assay.Broker;
using Assay.Cli.Configuration;
using Assay.Cli.Tests.Commands;
using Assay.Schemas;
using Assay.Topology;
using Confluent.Kafka;

namespace Assay.Cli.Tests.Replay;

/// <summary><c>assay replay --bootstrap</c> with a topology at work makes the records that <c>--out</c> writes.</summary>
public sealed class TopicReplayTests : IDisposable
{
    private const int Minutes = 2 * 24 * 60;
    private const long Start = 1_692_308_400;

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLog _log = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_on_the_broker_are_those_of_the_file()
    {
        await WriteRecordingAsync();
        await RunAsync("--out", _folder["out.jsonl"]);
        List<Accuracy> expected = [.. File.ReadLines(_folder["out.jsonl"]).Select(line => AccuracyJson.Read(Encoding.UTF8.GetBytes(line)))];
        Assert.True(expected.Count > Minutes, $"{expected.Count} records");

        await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions { RegistryPort = 0 }, ct: Cancelled);
        KafkaConnection kafka = new() { Bootstrap = broker.Bootstrap, Registry = broker.RegistryUrl! };
        await TopicAdmin.EnsureAsync(kafka, new TopicLayout(), _log, TimeProvider.System, Cancelled);
        using CancellationTokenSource stop = new();
        Task topology = new AccuracyApplication(ConfigurationLoader.Load().Judged(), kafka, new TopicLayout(), _log, TimeProvider.System).RunAsync(stop.Token);
        await RunAsync("--bootstrap", kafka.Bootstrap, "--set", $"kafka.registry={kafka.Registry}", "--shuffle", "7");

        using IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(kafka.Client("test"))
        {
            GroupId = "test",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Subscribe([Topics.Accuracy, Topics.DeadLetters]);
        Dictionary<string, Accuracy> latest = [];
        await Eventually.True(() =>
        {
            while (consumer.Consume(TimeSpan.Zero) is { } result)
            {
                Assert.Equal(Topics.Accuracy, result.Topic);
                Accuracy record = AccuracyJson.Read(result.Message.Value);
                latest[record.Id] = record;
            }
            return Lines(latest.Values).SequenceEqual(Lines(expected));
        }, "the topic's latest revisions are the file's lines", TimeSpan.FromSeconds(90));

        await stop.CancelAsync();
        await topology.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Theory]
    [InlineData("Say where the replay goes, with --out FILE or --bootstrap, one of the two.")]
    [InlineData("Say where the replay goes, with --out FILE or --bootstrap, one of the two.", "--out", "x", "--bootstrap")]
    [InlineData("--speed is for --bootstrap", "--out", "x", "--speed", "60x")]
    [InlineData("--speed takes a factor such as 60x, or max, not 'fast'.", "--bootstrap", "h:1", "--speed", "fast")]
    public async Task Wrong_use_is_one_sentence(string sentence, params string[] arguments)
    {
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["replay", "--answers", "a", "--quotes", "q", .. arguments]);
        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(IEnumerable<Accuracy> records) => records.Where(record => record.Status != AccuracyStatus.Retracted)
        .OrderBy(record => record.At).ThenBy(record => record.Id, StringComparer.Ordinal)
        .Select(record => $"{record.Id} {record.At:O} {record.Status} {record.ContractPrice} {record.RoundId} {record.Average} {record.WindowEnd:O} {string.Join(' ', record.Sources)} {record.DispersionPct} {record.DeviationPct}");

    private async Task RunAsync(params string[] arguments)
    {
        (int exitCode, _, string error) = await AssayProcess.RunAsync(["replay", "--answers", _folder["answers.csv"], "--quotes", _folder["quotes.csv"], .. arguments]);
        Assert.True(exitCode == 0, error);
    }

    /// <summary>Two days of two pairs, of sources and feeds that assay.json names; some answers are taken back.</summary>
    private async Task WriteRecordingAsync()
    {
        Random random = new(11);
        StringBuilder answers = new("pair,round_id,answer,updated_at,removed,observed_at\n");
        StringBuilder quotes = new("pair,source,price,time,quoted_at\n");
        foreach ((string pair, decimal start) in new[] { ("ETH-USD", 1_680m), ("BTC-USD", 26_000m) })
        {
            decimal price = start;
            for (int minute = 0; minute < Minutes; minute++)
            {
                price *= 1 + (decimal)(random.NextDouble() - 0.5) / 200;
                long at = Start + minute * 60 + random.Next(60);
                foreach (string source in new[] { "coingecko", "coinpaprika" })
                    quotes.Append(CultureInfo.InvariantCulture, $"{pair},{source},{price + random.Next(10) / 10m:0.000000},{at},{at - random.Next(90)}\n");
                if (random.Next(20) == 0)
                    answers.Append(CultureInfo.InvariantCulture, $"{pair},{minute + 1},{price * 100_000_000:0},{at},false,{at + 2}\n");
                if (random.Next(60) == 0)
                {
                    string round = $"{pair},{Minutes + minute},{price * 101_000_000:0},{at}";
                    answers.Append(CultureInfo.InvariantCulture, $"{round},false,{at + 2}\n{round},true,{at + 9}\n");
                }
            }
        }
        await File.WriteAllTextAsync(_folder["answers.csv"], answers.ToString(), Cancelled);
        await File.WriteAllTextAsync(_folder["quotes.csv"], quotes.ToString(), Cancelled);
    }
}
