using System.Globalization;
using System.Text;
using System.Text.Json;
using Assay.Avro.Registry;
using Assay.Cli.Configuration;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Replay;

/// <summary>Sends a recording into the topics that ingest writes, as ingest would have: the roles that read them do the rest.</summary>
/// <remarks>
/// Both topics advance together: after each stretch of a quarter of <c>revise_within</c> all of it is acknowledged, and a topology that is running has taken it, before the
/// next begins; else a year of quotes could be read before its answers, which would then be too late to count.
/// <para>At the end one message for each feed moves stream time past the last window's closing: an answer that is taken back as it comes, so that it counts nowhere.</para>
/// </remarks>
/// <param name="recording">What is sent.</param>
/// <param name="configuration">Kafka, the registry, and how the topics and the windows are.</param>
/// <param name="speed">Seconds of event time a second; null: as fast as it goes.</param>
internal sealed class TopicReplay(Recording recording, AssayConfiguration configuration, double? speed, Progress progress, ILogger logger, TimeProvider time)
{
    private const int RecordsPerLook = 1_024;
    private const string EventType = "replay";
    private static readonly TimeSpan SendBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TopicPartition, long> _ends = [];
    private readonly byte[][] _keys = [.. recording.Names.Select(Encoding.UTF8.GetBytes)];
    private readonly string[] _json = [.. recording.Names.Select(name => JsonEncodedText.Encode(name).ToString())];
    private volatile string? _failure;

    /// <returns>How many records were sent.</returns>
    /// <exception cref="UserException">Kafka or the registry refuses a record, or does not answer for a minute.</exception>
    public async Task<long> RunAsync(int? seed, CancellationToken cancellationToken)
    {
        await TopicAdmin.EnsureAsync(configuration.Kafka, configuration.Topics, logger, time, cancellationToken);
        using SchemaRegistryClient registry = configuration.Kafka.RegistryClient(time);
        AvroSerializer<ContractPrice> contracts = new(registry, Topics.Contracts);
        AvroSerializer<ApiPrice> apis = new(registry, Topics.Apis);
        await contracts.PrepareAsync(cancellationToken);
        await apis.PrepareAsync(cancellationToken);
        using IProducer<byte[], byte[]> producer = CreateProducer();
        using TopologyPace pace = new(configuration.Kafka, time, sentence => progress.Say($"assay: {sentence}"));

        Delivery[] deliveries = recording.Deliveries(seed, configuration.Accuracy.ReviseWithin / 2);
        long stretch = Math.Max(1, Recording.Milliseconds(DateTime.UnixEpoch + configuration.Accuracy.ReviseWithin / 4));
        Tempo tempo = new(speed, time);
        long barrier = deliveries.Length > 0 ? deliveries[0].Time + stretch : 0;
        for (int i = 0; i < deliveries.Length; i++)
        {
            if (i % RecordsPerLook == 0)
                Look(i, deliveries.Length, cancellationToken);
            if (deliveries[i].Time >= barrier)
            {
                Flush(producer, cancellationToken);
                await pace.CatchUpAsync(_ends, cancellationToken);
                barrier = deliveries[i].Time + stretch;
            }
            while (tempo.UntilTurnOf(deliveries[i].Time) is { Ticks: > 0 } left)
            {
                Look(i, deliveries.Length, cancellationToken);
                // A long wait is looked at now and then, so that the bar moves on.
                await Task.Delay(left < LongestWait ? left : LongestWait, time, cancellationToken);
            }
            int number = deliveries[i].Number;
            if (number < recording.Answers.Count)
                Send(producer, contracts, recording.Answers[number].Price);
            else
                Send(producer, apis, recording.Quotes[number - recording.Answers.Count]);
        }
        Flush(producer, cancellationToken);
        await pace.CatchUpAsync(_ends, cancellationToken);
        await EndAsync(producer, contracts, cancellationToken);
        return deliveries.Length;
    }

    private async Task EndAsync(IProducer<byte[], byte[]> producer, AvroSerializer<ContractPrice> contracts, CancellationToken cancellationToken)
    {
        if (recording.Quotes.Count == 0)
            return;
        long window = (long)configuration.Accuracy.Window.TotalMilliseconds;
        long last = recording.Quotes.Max(quote => quote.ObservedAt);
        DateTime closing = DateTime.UnixEpoch.AddMilliseconds(last / window * window + window) + configuration.Accuracy.Grace;
        // What is ahead of the clock is refused: the end of a recording of today has to be waited for.
        if (closing - time.GetUtcNow().UtcDateTime is { } left && left > TimeSpan.Zero)
            await Task.Delay(left, time, cancellationToken);
        foreach (ContractPrice answer in recording.Answers.Select(answer => answer.Price).DistinctBy(answer => answer.Feed))
        {
            Send(producer, contracts, answer with
            {
                RoundId = "0",
                UpdatedAt = closing,
                ObservedAt = closing,
                BlockHash = RecordingReader.InventedHash($"end of {answer.Feed} at {closing.Ticks}"),
                LogIndex = 0,
                Removed = true,
            });
        }
        Flush(producer, cancellationToken);
    }

    private void Send(IProducer<byte[], byte[]> producer, AvroSerializer<ContractPrice> serializer, ContractPrice answer) => Produce(
        producer, Topics.Contracts, Encoding.UTF8.GetBytes(answer.Pair), serializer.Serialize(answer, SerializationContext.Empty), Recording.Milliseconds(answer.UpdatedAt));

    private void Send(IProducer<byte[], byte[]> producer, AvroSerializer<ApiPrice> serializer, in RecordedQuote quote)
    {
        DateTime observed = DateTime.UnixEpoch.AddMilliseconds(quote.ObservedAt);
        ApiPrice price = new()
        {
            Pair = recording.Names[quote.Pair],
            Source = recording.Names[quote.Source],
            EventType = EventType,
            Price = quote.Price,
            QuotedAt = quote.Quoted is { } quoted ? DateTime.UnixEpoch.AddMilliseconds(quoted) : null,
            ObservedAt = observed,
            Event = string.Create(
                CultureInfo.InvariantCulture, $$"""{"pair":"{{_json[quote.Pair]}}","source":"{{_json[quote.Source]}}","price":{{quote.Price}},"time":"{{observed:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}"}"""),
        };
        Produce(producer, Topics.Apis, _keys[quote.Pair], serializer.Serialize(price, SerializationContext.Empty), quote.ObservedAt);
    }

    private void Produce(IProducer<byte[], byte[]> producer, string topic, byte[] key, byte[] value, long timestamp)
    {
        Message<byte[], byte[]> message = new() { Key = key, Value = value, Timestamp = new Timestamp(timestamp, TimestampType.CreateTime) };
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                producer.Produce(topic, message, Delivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull && time.GetElapsedTime(began) < SendBound)
            {
                producer.Poll(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _failure ??= report.Error.Reason;
            return;
        }
        lock (_ends)
            _ends[report.TopicPartition] = Math.Max(_ends.GetValueOrDefault(report.TopicPartition), report.Offset.Value + 1);
    }

    private void Flush(IProducer<byte[], byte[]> producer, CancellationToken cancellationToken)
    {
        producer.Flush(cancellationToken);
        Look(0, 0, cancellationToken);
    }

    private void Look(int done, int total, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_failure is { } failure)
            throw new UserException($"Kafka at {configuration.Kafka.Bootstrap} does not take the records: {failure}.");
        if (total > 0)
            progress.Show("sending", done, total, "records");
    }

    private IProducer<byte[], byte[]> CreateProducer() =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig(configuration.Kafka.Client("assay-replay"))
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            // As ingest and Java's clients partition, so that a pair's quotes and answers meet in one task.
            Partitioner = Partitioner.Murmur2Random,
            MessageTimeoutMs = (int)SendBound.TotalMilliseconds,
            LingerMs = 5,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
}
