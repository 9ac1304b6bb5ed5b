using Assay.Schemas;
using Assay.Sink.Internal.Tables;
using Confluent.Kafka;

namespace Assay.Sink.Internal;

/// <summary>Sends what can't be stored to the dead letters, from where it comes back as a row of <c>dead_letter</c>.</summary>
internal sealed class RejectedRecords(KafkaConnection connection, TimeProvider time) : IDisposable
{
    private IProducer<byte[], byte[]>? producer;

    /// <summary>Returns once the broker has acknowledged all of them.</summary>
    /// <exception cref="KafkaException">It did not; some may be there, and are there twice after the next attempt, under one origin.</exception>
    public async Task SendAsync(IEnumerable<(Entry Entry, Rejected Why)> rejected, CancellationToken cancellationToken)
    {
        producer ??= new ProducerBuilder<byte[], byte[]>(new ProducerConfig(connection.Client("assay-sink"))
        {
            EnableIdempotence = true,
            MessageTimeoutMs = 30_000,
            LingerMs = 0,
        }).SetLogHandler((_, _) => { }).Build();
        await Task.WhenAll(rejected.Select(letter => producer.ProduceAsync(Topics.DeadLetters, Message(letter.Entry, letter.Why), cancellationToken)));
    }

    public void Dispose() => producer?.Dispose();

    private Message<byte[], byte[]> Message(Entry entry, Rejected why) =>
        new DeadLetter(entry.Key, entry.Value, DeadLetterTable.SinkStage, why.Reason, why.Detail, entry.Origin, time.GetUtcNow().UtcDateTime).ToMessage();
}
