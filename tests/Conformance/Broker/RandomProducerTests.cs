using System.Globalization;
using System.Text;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Producers that do anything, in order or not: both brokers answer every step alike. The seed, which is the test's argument, makes the steps.</summary>
public sealed class RandomProducerTests(Clusters clusters)
{
    private const int Steps = 40;

    public static IEnumerable<TheoryDataRow<int>> Seeds => Clusters.ComparedWithApache(Enumerable.Range(1, 6).Select(seed => new TheoryDataRow<int>(seed)));

    [Theory, MemberData(nameof(Seeds))]
    public Task Idempotent_producers_are_answered_alike(int seed) => CompareAsync(seed, WriteAsync);

    [Theory, MemberData(nameof(Seeds))]
    public Task Transactional_producers_are_answered_alike(int seed) => CompareAsync(seed, TransactAsync);

    private async Task CompareAsync(int seed, Func<Client, Random, StringBuilder, Task> play)
    {
        Dictionary<Target, string> played = [];
        foreach (Target target in Enum.GetValues<Target>())
        {
            using Client client = await clusters.ConnectAsync(target);
            StringBuilder log = new();
            await play(client, new Random(seed), log);
            played[target] = log.ToString();
        }
        Assert.True(played[Target.ApacheKafka] == played[Target.Assay], $"Seed {seed}. Apache Kafka:\n{played[Target.ApacheKafka]}\nours:\n{played[Target.Assay]}");
    }

    /// <summary>Batches of two producers to one partition with epochs and sequences that are mostly right.</summary>
    private static async Task WriteAsync(Client client, Random random, StringBuilder log)
    {
        string topic = await client.TopicAsync();
        long[] ids = [await NewIdAsync(client), await NewIdAsync(client)];
        int[] next = [random.Next(2) * (int.MaxValue - 3), 0];
        short[] epochs = [0, 0];
        for (int step = 0; step < Steps; step++)
        {
            int who = random.Next(2);
            int records = random.Next(1, 4);
            short epoch = (short)(epochs[who] + (random.Next(8) == 0 ? random.Next(-1, 2) : 0));
            int sequence = epoch > epochs[who] && random.Next(4) > 0 ? 0 : Shift(next[who], random.Next(3) == 0 ? random.Next(-6, 3) : 0);
            if (epoch < 0)
                continue;

            ProduceResponse.PartitionProduceResponse answer = await client.ProduceAsync(topic, Batch.Of(ids[who], epoch, sequence, records));

            log.AppendLine(CultureInfo.InvariantCulture, $"{who} epoch {epoch} sequence {sequence} records {records}: {answer.ErrorCode} {answer.BaseOffset}");
            // A batch in order moves on; a duplicate or a refused one does not.
            if (answer.ErrorCode == KafkaError.None && (epoch > epochs[who] || sequence == next[who]))
                (next[who], epochs[who]) = (Shift(sequence, records), epoch);
        }
        log.AppendLine(CultureInfo.InvariantCulture, $"end {(await client.OffsetAsync(topic, -1)).Offset}");
    }

    /// <summary>Two producers of one transactional id and one of another, over two topics and a group.</summary>
    private static async Task TransactAsync(Client client, Random random, StringBuilder log)
    {
        string[] topics = [await client.TopicAsync(), await client.TopicAsync()];
        string group = Client.NewName("group");
        string shared = Client.NewName("transaction");
        Producer[] producers = [await Producer.StartAsync(client, shared), await Producer.StartAsync(client, shared), await Producer.StartAsync(client)];
        for (int step = 0; step < Steps; step++)
        {
            int who = random.Next(producers.Length);
            Producer producer = producers[who];
            string topic = topics[random.Next(2)];
            bool commit = random.Next(2) == 0;
            string what = random.Next(12) switch
            {
                0 => $"init {await producer.InitAsync()} {producer.Epoch}",
                1 when await MayGoOnAsync(producer) => $"go on {await producer.InitAsync(goOn: true)} {producer.Epoch}",
                1 or 2 or 3 => $"add {await producer.AddAsync(topic)}",
                4 or 5 or 6 => $"send {await producer.SendOnlyAsync(topic)}",
                7 => $"old send {await producer.SendOnlyAsync(topic, version: 7)}",
                8 => $"group {(await client.AskUntilAsync<AddOffsetsToTxnResponse>(producer.AddGroupRequest(group), answer => answer.ErrorCode != KafkaError.ConcurrentTransactions)).ErrorCode}",
                9 => $"offsets {(await client.AskAsync<TxnOffsetCommitResponse>(producer.OffsetsRequest(group, topics[0], step))).Topics[0].Partitions[0].ErrorCode}",
                _ => $"end {commit} {await producer.EndAsync(commit)}",
            };
            log.AppendLine(CultureInfo.InvariantCulture, $"{step}: {who} {Array.IndexOf(topics, topic)} {what}; {await StateAsync(client, producers, topics)}");
        }
    }

    /// <summary>The transactions' states, once no markers are being written, and what both kinds of readers see of the topics.</summary>
    private static async Task<string> StateAsync(Client client, Producer[] producers, string[] topics)
    {
        StringBuilder text = new();
        foreach (Producer producer in producers)
        {
            DescribeTransactionsResponse.State state = new();
            await Eventually.True(async () => !(state = await producer.DescribeAsync()).TransactionState.StartsWith("Prepare", StringComparison.Ordinal), "the markers are written");
            // Where a group's offsets are kept is the broker's own business.
            text.Append(CultureInfo.InvariantCulture, $"{state.TransactionState} {state.ProducerEpoch} {state.Topics.Count(topic => topics.Contains(topic.Name))} ");
        }
        foreach (string topic in topics)
        {
            FetchResponse.FetchableTopicResponse.PartitionData data = await client.FetchAsync(Records.Read(topic, 0, isolation: 1));
            // Apache Kafka may name aborted transactions behind what it brings.
            IEnumerable<long> aborted = data.AbortedTransactions!.Select(each => each.FirstOffset).Where(first => first < data.LastStableOffset);
            text.Append(CultureInfo.InvariantCulture, $", {data.HighWatermark}/{data.LastStableOffset} {data.Batches().Count} {string.Join(' ', aborted)}");
        }
        return text.ToString();
    }

    /// <summary>
    /// A fenced producer that goes on while another of its transactional id has a transaction open is told that it is fenced, but Apache Kafka 4.3.1 aborts that
    /// transaction before and so fences the other, too. Ours does not.
    /// </summary>
    private static async Task<bool> MayGoOnAsync(Producer producer)
    {
        DescribeTransactionsResponse.State state = await producer.DescribeAsync();
        return state.TransactionState != "Ongoing" || state.ProducerEpoch == producer.Epoch;
    }

    private static int Shift(int sequence, int by) => (int)(((long)sequence + by) & int.MaxValue);

    private static async Task<long> NewIdAsync(Client client) => (await client.AskAsync<InitProducerIdResponse>(new InitProducerIdRequest())).ProducerId;
}
