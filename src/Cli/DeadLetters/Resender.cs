using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.DeadLetters;

/// <summary>Sends rejected records again, each once.</summary>
/// <remarks>
/// A record goes into its topic and a mark into the dead letters in one transaction: either both are there or neither. Opening the producer ends what a killed run left open and shuts out
/// one that still runs; only then are the letters read, so every mark there is is seen.
/// </remarks>
internal sealed class Resender(KafkaConnection connection, TimeProvider time)
{
    private const string TransactionalId = "assay-dead-letters";
    private const int RecordsPerTransaction = 500;
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(30);

    /// <summary>How many records went to each topic.</summary>
    /// <exception cref="UserException">Kafka does not take them, or another resend has begun; what was committed before is sent and marked.</exception>
    public IReadOnlyDictionary<string, int> Run(IReadOnlyList<TopicPartition> partitions, LetterFilter filter, CancellationToken cancellationToken)
    {
        SortedDictionary<string, int> sent = new(StringComparer.Ordinal);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig(connection.Client("assay-dead-letters"))
        {
            TransactionalId = TransactionalId,
            TransactionTimeoutMs = 30_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            producer.InitTransactions(RequestBound);
            // One record may have been rejected by several stages, and by a stage that was interrupted twice.
            IEnumerable<FoundLetter[]> records = new LetterReader(connection, time).Read(partitions, cancellationToken)
                .Where(letter => letter.State == "open" && filter.Takes(letter))
                .GroupBy(letter => letter.Letter.Origin, (_, letters) => letters.ToArray());
            foreach (FoundLetter[][] chunk in records.Chunk(RecordsPerTransaction))
            {
                cancellationToken.ThrowIfCancellationRequested();
                producer.BeginTransaction();
                foreach (FoundLetter[] letters in chunk)
                    Send(producer, letters);
                // A record that could not be delivered fails the commit.
                producer.CommitTransaction(RequestBound);
                foreach (FoundLetter[] letters in chunk)
                    sent[letters[0].Topic!] = sent.GetValueOrDefault(letters[0].Topic!) + 1;
            }
            return sent;
        }
        catch (KafkaException failure)
        {
            string reason = failure.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch ? "another resend has begun" : failure.Error.Reason.TrimEnd('.');
            throw new UserException($"Kafka at {connection.Bootstrap} ends the resend: {reason}. {sent.Values.Sum()} records were sent and marked; run it again for the others.", failure);
        }
    }

    private void Send(IProducer<byte[], byte[]> producer, FoundLetter[] letters)
    {
        string[] stages = [.. letters.Select(letter => letter.Letter.Stage).Distinct()];
        TopicPartitionOffset place = Resend.PlaceOf(letters[0].Letter)!;
        producer.Produce(place.TopicPartition, Resend.Again(letters[0].Letter, stages));
        producer.Produce(new TopicPartition(Topics.DeadLetters, letters[0].Partition), Resend.Mark(letters[0].Letter, stages, time.GetUtcNow().UtcDateTime));
    }
}
