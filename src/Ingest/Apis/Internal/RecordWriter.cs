using System.Text;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// Takes quotes and dead letters and sees each of them into Kafka: written idempotently, acknowledged by all replicas, kept and
/// sent again for as long as Kafka or the registry is away.
/// </summary>
/// <remarks>
/// Each record is one small task that ends when Kafka has it. What waits is bounded by <see cref="MaxPendingBytes"/>: once it
/// is <see cref="Full"/>, whoever asks the APIs stops asking. A producer that fails for good is replaced, and what it had not
/// acknowledged is sent again by the next one, so a record may then stand twice; none is left out.
/// </remarks>
internal sealed class RecordWriter : IAsyncDisposable
{
    public const long MaxPendingBytes = 64 * 1024 * 1024;
    private const string Unreachable = "unreachable";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(4);

    private readonly KafkaConnection _kafka;
    private readonly IAsyncSerializer<ApiPrice> _serializer;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Outage _outage;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Generation? _generation;
    private long _pendingBytes;
    private int _pending;
    private TaskCompletionSource? _drained;

    public RecordWriter(KafkaConnection kafka, IAsyncSerializer<ApiPrice> serializer, ILogger log, TimeProvider time)
    {
        _kafka = kafka;
        _serializer = serializer;
        _log = log;
        _time = time;
        _outage = new(time);
    }

    /// <summary>So much waits for Kafka that nothing more should be asked for.</summary>
    public bool Full => Interlocked.Read(ref _pendingBytes) > MaxPendingBytes;

    public void Write(ApiPrice quote) => Start(Topics.Apis, 2 * quote.Event.Length, async () =>
    {
        byte[] value = await _serializer.SerializeAsync(quote, new(MessageComponentType.Value, Topics.Apis));
        return new() { Key = Encoding.UTF8.GetBytes(quote.Pair), Value = value, Timestamp = new(quote.ObservedAt, TimestampType.CreateTime) };
    }, () => ApiMetrics.Quote(quote.Source));

    public void Write(DeadLetter letter)
    {
        Message<byte[], byte[]> message = letter.ToMessage();
        Start(Topics.DeadLetters, letter.Value?.Length ?? 0, () => Task.FromResult(message), () => ApiMetrics.Rejection(letter.Reason));
    }

    private void Start(string topic, int bytes, Func<Task<Message<byte[], byte[]>>> message, Action delivered)
    {
        Interlocked.Add(ref _pendingBytes, bytes);
        Interlocked.Increment(ref _pending);
        _ = FinishAsync();

        async Task FinishAsync()
        {
            try
            {
                if (await DeliverAsync(topic, message))
                    delivered();
            }
            finally
            {
                Interlocked.Add(ref _pendingBytes, -bytes);
                if (Interlocked.Decrement(ref _pending) == 0)
                    Volatile.Read(ref _drained)?.TrySetResult();
            }
        }
    }

    /// <summary>False where the record was given up: Kafka refuses its size, or the end has come.</summary>
    private async Task<bool> DeliverAsync(string topic, Func<Task<Message<byte[], byte[]>>> make)
    {
        for (int failures = 1; ; failures++)
        {
            int size = 0;
            try
            {
                Message<byte[], byte[]> message = await make().WaitAsync(_stop.Token);
                size = message.Value?.Length ?? 0;
                Generation generation = Current();
                await generation.Producer.ProduceAsync(topic, message, CancellationToken.None).WaitAsync(generation.Retired);
                if (_outage.Ends() is { } lasted)
                    ApiLog.KafkaHealed(_log, lasted.TotalSeconds);
                return true;
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return false;
            }
            catch (KafkaException refused) when (refused.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                ApiLog.TooLarge(_log, size, topic);
                return false;
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                // The producer was given up, and why has been said; the next one takes the record.
            }
            catch (KafkaException failure)
            {
                Failed(failure.Error.Reason, failure.Error.Code.ToString());
            }
            catch (Exception failure)
            {
                Failed(failure.Message, failure.GetType().Name);
            }
            if (!await PauseAsync(failures))
                return false;
        }
    }

    private async Task<bool> PauseAsync(int failures)
    {
        try
        {
            await Task.Delay(Backoff.After(failures, FirstPause, LongestPause, Random.Shared.NextDouble()), _time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Failed(string why, string kind)
    {
        if (_outage.Begins(kind))
            ApiLog.KafkaFailed(_log, why);
    }

    private Generation Current()
    {
        lock (_lock)
            return _generation ??= new(Build);
    }

    private IProducer<byte[], byte[]> Build(Generation generation) =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig(_kafka.Client("assay-ingest-apis"))
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            // As Java's clients partition, so that a pair's quotes and answers meet in one task.
            Partitioner = Partitioner.Murmur2Random,
            // The records wait here, where they are counted; Kafka's absence is no reason to lose one.
            MessageTimeoutMs = 0,
            LingerMs = 5,
        })
            .SetErrorHandler((_, error) =>
            {
                Failed(error.Reason, error.IsFatal ? error.Code.ToString() : Unreachable);
                if (error.IsFatal)
                    Retire(generation);
            })
            .SetLogHandler((_, message) => ApiLog.Client(_log, message.Message))
            .Build();

    private void Retire(Generation generation)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_generation, generation))
                _generation = null;
        }
        // Not on the client's own thread, which disposing waits for.
        _ = Task.Run(generation.Dispose);
    }

    /// <summary>Gives what is under way a few seconds to arrive, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _drained, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (Volatile.Read(ref _pending) > 0)
        {
            try
            {
                await _drained.Task.WaitAsync(StopBound, _time);
            }
            catch (TimeoutException)
            {
                ApiLog.Undelivered(_log, Volatile.Read(ref _pending), StopBound.TotalSeconds);
            }
        }
        await _stop.CancelAsync();
        Generation? last;
        lock (_lock)
            (last, _generation) = (_generation, null);
        if (last is not null)
            await Task.Run(last.Dispose);
        _stop.Dispose();
    }

    /// <summary>A producer and the moment it is given up, at which all who wait for it turn to the next.</summary>
    private sealed class Generation : IDisposable
    {
        private readonly CancellationTokenSource _retired = new();
        private int _disposed;

        public Generation(Func<Generation, IProducer<byte[], byte[]>> build)
        {
            Retired = _retired.Token;
            Producer = build(this);
        }

        public IProducer<byte[], byte[]> Producer { get; }
        public CancellationToken Retired { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 1)
                return;
            _retired.Cancel();
            Producer.Dispose();
            _retired.Dispose();
        }
    }
}
