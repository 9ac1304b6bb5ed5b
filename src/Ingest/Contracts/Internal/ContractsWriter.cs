using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>
/// Writes to <c>contracts</c> and <c>dead-letters</c> in transactions. The transactional id is the chain's: opening a writer ends, whole or not at all, what an earlier one began,
/// and shuts that one out for good, so that at any time one process writes a chain's records.
/// </summary>
internal sealed class ContractsWriter : IDisposable
{
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(10);
    // Others' read-committed readers wait for a transaction whose writer died until it times out.
    private static readonly TimeSpan TransactionBound = TimeSpan.FromSeconds(20);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly AvroSerializer<ContractPrice> _serializer;

    private ContractsWriter(IProducer<byte[], byte[]> producer, AvroSerializer<ContractPrice> serializer)
    {
        _producer = producer;
        _serializer = serializer;
    }

    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public static async Task<ContractsWriter> OpenAsync(
        KafkaConnection kafka, long chainId, AvroSerializer<ContractPrice> serializer, CancellationToken cancellationToken)
    {
        ProducerConfig config = new(kafka.Client("assay-ingest-contracts"))
        {
            TransactionalId = $"assay-ingest-contracts-{chainId}",
            TransactionTimeoutMs = (int)TransactionBound.TotalMilliseconds,
            MessageTimeoutMs = (int)RequestBound.TotalMilliseconds,
            EnableIdempotence = true,
            Acks = Acks.All,
            // As Java's clients partition, so that a pair's answers and quotes meet whoever writes them.
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 5,
        };
        // What the client would print by itself surfaces as an exception and becomes one sentence.
        IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Task opening = Task.Run(() => producer.InitTransactions(RequestBound), CancellationToken.None);
        try
        {
            await opening.WaitAsync(cancellationToken);
            return new ContractsWriter(producer, serializer);
        }
        catch
        {
            // The client cannot be told to stop waiting, and must not be taken away from under it.
            _ = opening.ContinueWith(_ => producer.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Writes all or nothing; in the order given, per pair.</summary>
    /// <exception cref="KafkaException">Not known to be written: the topic must be read before anything is written again.</exception>
    public async Task WriteAsync(IReadOnlyList<ContractPrice> prices, IReadOnlyList<DeadLetter> rejected)
    {
        _producer.BeginTransaction();
        foreach (ContractPrice price in prices)
        {
            _producer.Produce(Topics.Contracts, new Message<byte[], byte[]>
            {
                Key = System.Text.Encoding.UTF8.GetBytes(price.Pair),
                Value = _serializer.Serialize(price, SerializationContext.Empty),
                Timestamp = new Timestamp(price.UpdatedAt),
            });
        }
        foreach (DeadLetter letter in rejected)
            _producer.Produce(Topics.DeadLetters, letter.ToMessage());
        // A record that could not be delivered fails the commit.
        await Task.Run(() => _producer.CommitTransaction(RequestBound));
    }

    public void Dispose() => _producer.Dispose();

    /// <summary>Whether another writer has opened with the same id since.</summary>
    public static bool IsShutOut(KafkaException failure) =>
        failure.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
}
