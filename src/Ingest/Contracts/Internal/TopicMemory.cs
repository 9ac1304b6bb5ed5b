using System.Text.Json;
using Assay.Avro;
using Assay.Ethereum;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Ingest.Contracts.Internal;

/// <summary>
/// Learns from the topics themselves what was written for a chain's feeds: there is no other memory that could disagree with them. The end of <c>contracts</c> is read as far back
/// as it takes to know each feed's newest logs for the depth of a reorganisation; of <c>dead-letters</c> a fixed stretch.
/// </summary>
internal sealed class TopicMemory(TopicTail tail, AvroDeserializer<ContractPrice> deserializer, TimeProvider time)
{
    private const int ForgetEvery = 1_000;

    /// <summary>A ledger for each feed, by name.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, LogLedger>> ReadAsync(ChainOptions chain, IReadOnlyList<FeedOptions> feeds, long depth, CancellationToken cancellationToken)
    {
        Dictionary<string, LogLedger> ledgers = [];
        Dictionary<string, long> lowest = [];
        await tail.ReadAsync(Topics.Contracts, Restart, Add, IsEnough, time, cancellationToken);
        await tail.ReadAsync(Topics.DeadLetters, () => { }, AddRejected, () => true, time, cancellationToken);
        return ledgers;

        void Restart()
        {
            lowest.Clear();
            foreach (FeedOptions feed in feeds)
                ledgers[feed.Name] = new LogLedger();
        }

        void Add(ConsumeResult<byte[], byte[]> record)
        {
            // A log that is sent again for others says nothing new, and may be older than its removal.
            if (Resend.Stages(record.Message.Headers).Length > 0)
                return;
            ContractPrice price;
            try
            {
                price = deserializer.Decode(record.Message.Value);
            }
            catch (AvroException)
            {
                // Not ours; whoever consumes the topic rejects it.
                return;
            }
            if (price.ChainId != chain.ChainId || !ledgers.TryGetValue(price.Feed, out LogLedger? ledger))
                return;
            ledger.Add(price);
            lowest[price.Feed] = Math.Min(price.BlockNumber, lowest.GetValueOrDefault(price.Feed, long.MaxValue));
            if (record.Offset.Value % ForgetEvery == 0)
                ledger.Forget(ledger.LastBlock!.Value - 2 * depth);
        }

        bool IsEnough() => feeds.All(feed => lowest.TryGetValue(feed.Name, out long block) && block < ledgers[feed.Name].LastBlock - depth);

        void AddRejected(ConsumeResult<byte[], byte[]> record)
        {
            DeadLetter letter = DeadLetter.FromMessage(record.Message);
            if (letter.Stage != Rejections.Stage || letter.Value is null || Rejections.Feed(letter, chain) is not { } feed || !ledgers.TryGetValue(feed, out LogLedger? ledger))
                return;
            try
            {
                using JsonDocument json = JsonDocument.Parse(letter.Value);
                LogEntry log = LogEntry.Parse(json.RootElement);
                ledger.AddRejected(LogId.Of(log), log.BlockNumber);
            }
            catch (Exception failure) when (failure is JsonException or EthereumException)
            {
                // Somebody else's letter.
            }
        }
    }
}
