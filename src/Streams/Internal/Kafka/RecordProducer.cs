using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Kafka;

/// <summary>A thread's producer, shared by its tasks, and its transactions.</summary>
/// <remarks>
/// A transaction begins with the first record sent or the first commit, and ends with <see cref="Commit"/> or <see cref="TryAbort"/>. Whatever
/// makes the transaction's end impossible throws a <see cref="TransactionLostException"/>. Deliveries that fail make librdkafka refuse the
/// commit of their transaction; without transactions they are collected here, on librdkafka's thread (rule 18).
/// </remarks>
internal sealed class RecordProducer : RecordCollector, IDisposable
{
    private static readonly TimeSpan FullQueueWait = TimeSpan.FromSeconds(30);
    /// <summary>A commit waits for the rest.</summary>
    private static readonly TimeSpan FlushWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(5);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly NativeProducer _native;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private readonly Action<DeliveryReport<byte[]?, byte[]?>>? _delivered;
    private Error? _deliveryError;

    private RecordProducer(IProducer<byte[]?, byte[]?> producer, bool transactional, TimeProvider clock, TimeSpan patience)
    {
        _producer = producer;
        _native = new NativeProducer(ClientHandle.Of(producer));
        Transactional = transactional;
        _clock = clock;
        _patience = patience;
        // One delegate for all records. Transactions need none: their commit tells.
        _delivered = transactional ? null : report =>
        {
            if (report.Error.IsError)
                Interlocked.CompareExchange(ref _deliveryError, report.Error, null);
        };
    }

    public bool Transactional { get; }

    public bool InTransaction { get; private set; }

    /// <summary>Makes a producer; with transactions this ends the one that a former owner of the same id left open, and waits for that.</summary>
    /// <param name="options">The application's.</param>
    /// <param name="threadName">Of the thread it serves.</param>
    /// <param name="transactionalId">Of that thread alone.</param>
    /// <exception cref="KafkaException">Kafka could not be reached in time, or refuses.</exception>
    public static RecordProducer Create(StreamsOptions options, string threadName, string transactionalId, TimeProvider clock, ILogger log)
    {
        IProducer<byte[]?, byte[]?> producer = new ProducerBuilder<byte[]?, byte[]?>(ClientConfigs.Producer(options, threadName, transactionalId))
            .SetKeySerializer(Serializers.ByteArray!)
            .SetValueSerializer(Serializers.ByteArray!)
            .SetLogHandler((_, message) => log.Client(message.Name, message.Message))
            .SetErrorHandler((_, error) => log.ClientError(threadName, error.Reason))
            .Build();
        bool transactional = options.ProcessingGuarantee == ProcessingGuarantee.ExactlyOnceV2;
        try
        {
            if (transactional)
                producer.InitTransactions(TimeSpan.FromSeconds(30));
        }
        catch
        {
            producer.Dispose();
            throw;
        }
        return new RecordProducer(producer, transactional, clock, options.TransactionTimeout);
    }

    public override void Send(string topic, int? partition, RawBytes key, RawBytes value, long timestamp, Headers? headers, Action<long>? acknowledged)
    {
        BeginTransaction();
        long started = 0;
        while (true)
        {
            try
            {
                if (Transactional && headers is null && acknowledged is null)
                    _native.Send(topic, partition, key, value, timestamp);
                else
                    Produce(topic, partition, key, value, timestamp, headers, acknowledged);
                return;
            }
            catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                started = started == 0 ? _clock.GetTimestamp() : started;
                if (_clock.GetElapsedTime(started) > FullQueueWait)
                    throw new TransactionLostException($"The queue to Kafka stayed full for {FullQueueWait.TotalSeconds:0} s.", producerUnusable: true, exception);
                // Gives the broker time to take some: Flush returns when the queue is empty or the time is over.
                _producer.Flush(TimeSpan.FromMilliseconds(20));
            }
            catch (KafkaException exception) when (IsTransactionError(exception.Error))
            {
                throw new TransactionLostException(exception.Error.Reason, exception.Error.IsFatal, exception);
            }
        }
    }

    /// <summary>With all that a record can have, at the price of a few objects.</summary>
    private void Produce(string topic, int? partition, RawBytes key, RawBytes value, long timestamp, Headers? headers, Action<long>? acknowledged)
    {
        Message<byte[]?, byte[]?> message = new()
        {
            Key = key.ToArray(),
            Value = value.ToArray(),
            Timestamp = new Timestamp(timestamp, TimestampType.CreateTime),
            Headers = headers,
        };
        Action<DeliveryReport<byte[]?, byte[]?>>? delivered = acknowledged is null ? _delivered : report =>
        {
            _delivered?.Invoke(report);
            if (!report.Error.IsError)
                acknowledged(report.Offset.Value);
        };
        if (partition is { } number)
            _producer.Produce(new TopicPartition(topic, number), message, delivered);
        else
            _producer.Produce(topic, message, delivered);
    }

    /// <summary>Commits what was sent and the given offsets of the consumer's group, all or nothing.</summary>
    /// <exception cref="TransactionLostException">It did not happen, or nobody knows.</exception>
    public void Commit(IReadOnlyCollection<CommitOffset> offsets, nint consumer)
    {
        if (!Transactional)
        {
            FlushAll();
            if (offsets.Count > 0)
                NativeCommit.OfGroup(consumer, offsets);
            return;
        }
        BeginTransaction();
        _native.Flush(FlushWait, _clock);
        if (offsets.Count > 0)
            Retrying(() => NativeCommit.InTransaction(ClientHandle.Of(_producer), consumer, offsets, StepTimeout), "send the offsets");
        Retrying(() => _producer.CommitTransaction(StepTimeout), "commit");
        InTransaction = false;
    }

    /// <summary>Forgets what was sent since the last commit; false where only a new producer can go on.</summary>
    public bool TryAbort()
    {
        if (!Transactional)
        {
            _deliveryError = null;
            return true;
        }
        if (!InTransaction)
            return true;
        try
        {
            Retrying(() => _producer.AbortTransaction(StepTimeout), "abort");
            InTransaction = false;
            return true;
        }
        catch (TransactionLostException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _native.Dispose();
        _producer.Dispose();
    }

    private void BeginTransaction()
    {
        if (!Transactional || InTransaction)
            return;
        try
        {
            _producer.BeginTransaction();
            InTransaction = true;
        }
        catch (KafkaException exception)
        {
            throw new TransactionLostException(exception.Error.Reason, producerUnusable: true, exception);
        }
    }

    private void FlushAll()
    {
        long started = _clock.GetTimestamp();
        while (_producer.Flush(StepTimeout) > 0)
        {
            if (_clock.GetElapsedTime(started) > _patience)
                throw new TransactionLostException("Records could not be delivered in time.", producerUnusable: true, new TimeoutException());
        }
        if (Interlocked.Exchange(ref _deliveryError, null) is { } error)
            throw new TransactionLostException($"A record was not delivered: {error.Reason}", producerUnusable: false, new KafkaException(error));
    }

    /// <summary>Transaction calls may be repeated after a transient error; the broker aborts the transaction after its timeout, so longer is no use.</summary>
    private void Retrying(Action step, string what)
    {
        long started = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                step();
                return;
            }
            catch (KafkaRetriableException exception)
            {
                if (_clock.GetElapsedTime(started) > _patience)
                    throw new TransactionLostException($"Kafka did not {what} in time: {exception.Error.Reason}", producerUnusable: true, exception);
            }
            catch (KafkaTxnRequiresAbortException exception)
            {
                throw new TransactionLostException(exception.Error.Reason, producerUnusable: false, exception);
            }
            catch (KafkaException exception)
            {
                throw new TransactionLostException(exception.Error.Reason, producerUnusable: true, exception);
            }
        }
    }

    private static bool IsTransactionError(Error error) => error.IsFatal || error.Code is
        ErrorCode.Local_State or ErrorCode.Local_Fatal or ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
}
