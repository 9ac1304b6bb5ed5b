using System.Buffers;
using System.Globalization;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Topology.Bench;

/// <summary>
/// Writes the input: a quote every 20 ms of event time from August 2023 on, of a random pair whose price walks, the sources in turn;
/// and, evenly among them, an answer with the price of the moment.
/// </summary>
internal sealed class Filling : IDisposable
{
    private const int StepMs = 20;
    private const int LargestQueue = 1_000_000;

    private static readonly DateTime Start = DateTime.UnixEpoch.AddMilliseconds(1_692_000_000_000);

    private readonly Workload _workload;
    private readonly IProducer<string, byte[]> _producer;
    private readonly ArrayBufferWriter<byte> _encoded = new();
    private readonly AvroSerializer<ApiPrice> _quotes;
    private readonly AvroSerializer<ContractPrice> _answers;

    public Filling(Workload workload)
    {
        _workload = workload;
        FixedRegistry registry = new();
        _quotes = new AvroSerializer<ApiPrice>(registry, workload.Apis);
        _answers = new AvroSerializer<ContractPrice>(registry, workload.Contracts);
        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(workload.Client)
        {
            EnableIdempotence = true,
            LingerMs = 20,
            BatchSize = 200_000,
            Partitioner = Partitioner.Murmur2Random,
            QueueBufferingMaxMessages = LargestQueue,
        }).Build();
    }

    public void Run(CancellationToken cancellation)
    {
        Random random = new(1);
        double[] prices = [.. Enumerable.Range(0, _workload.Pairs).Select(_ => 10.0 + random.Next(3000))];
        int every = _workload.Answers == 0 ? int.MaxValue : Math.Max(1, _workload.Quotes / _workload.Answers);
        for (int i = 0; i < _workload.Quotes; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int pair = random.Next(_workload.Pairs);
            prices[pair] *= 1 + Gaussian(random) * 0.0002;
            DateTime time = Start.AddMilliseconds((long)i * StepMs);
            Send(_workload.Apis, pair, time, _quotes, Quote(i, pair, prices[pair], time));
            if (_workload.Answers > 0 && i % every == 0)
                Send(_workload.Contracts, pair, time, _answers, Answer(i, pair, prices[pair], time));
        }
        _producer.Flush(cancellation);
    }

    public void Dispose() => _producer.Dispose();

    private static ApiPrice Quote(int number, int pair, double price, DateTime time)
    {
        string source = Workload.Sources[number % Workload.Sources.Length];
        return new ApiPrice
        {
            Pair = Workload.Pair(pair),
            Source = source,
            EventType = source,
            Price = (decimal)price,
            QuotedAt = time.AddSeconds(-1),
            ObservedAt = time,
            Event = string.Create(CultureInfo.InvariantCulture, $"{{\"p\":{{\"usd\":{price},\"last_updated_at\":{(time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond}}}}}"),
        };
    }

    private static ContractPrice Answer(int number, int pair, double price, DateTime time)
    {
        string hash = $"0x{number:x64}";
        return new ContractPrice
        {
            Pair = Workload.Pair(pair),
            Feed = Workload.Feed(pair),
            ChainId = 1,
            Proxy = "0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419",
            Aggregator = "0x37bc7498f4ff12c19678ee8fe19d540b87f6a9e1",
            RoundId = (number + 1).ToString(CultureInfo.InvariantCulture),
            Answer = ((long)(price * 1e8)).ToString(CultureInfo.InvariantCulture),
            Decimals = 8,
            Price = (decimal)price,
            UpdatedAt = time,
            BlockNumber = 17_000_000 + number,
            BlockHash = hash,
            TransactionHash = hash,
            TransactionIndex = 0,
            LogIndex = 1,
            Removed = false,
            ObservedAt = time,
        };
    }

    /// <summary>Box and Muller's method.</summary>
    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private void Send<T>(string topic, int pair, DateTime time, AvroSerializer<T> serializer, T value)
        where T : class, Avro.IAvroRecord<T>
    {
        _encoded.ResetWrittenCount();
        serializer.Encode(value, _encoded);
        Message<string, byte[]> message = new() { Key = Workload.Pair(pair), Value = _encoded.WrittenSpan.ToArray(), Timestamp = new Timestamp(time) };
        while (true)
        {
            try
            {
                _producer.Produce(topic, message);
                return;
            }
            catch (ProduceException<string, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
