using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.DeadLetters;

/// <summary>Reads the dead letters from the first to the last that is committed now.</summary>
internal sealed class LetterReader(KafkaConnection connection, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(30);

    /// <summary>In the order of their rejection; what marks a letter as sent again is no letter itself.</summary>
    /// <exception cref="UserException">Kafka stops answering.</exception>
    public IReadOnlyList<FoundLetter> Read(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        ConsumerConfig config = new(connection.Client("assay-dead-letters"))
        {
            // Assigned by hand and never committed: the group exists in name only.
            GroupId = "assay-dead-letters",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
            // An end that is a transaction's marker shows by an empty answer only.
            FetchWaitMaxMs = 20,
        };
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        HashSet<TopicPartition> unread = [.. partitions];
        List<FoundLetter> letters = [];
        Dictionary<(string Origin, string Stage), DateTime> resent = [];
        long heard = time.GetTimestamp();
        while (unread.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (consumer.Consume(Poll) is not { } record)
            {
                if (time.GetElapsedTime(heard) > SilenceBound)
                    throw new UserException($"Kafka at {connection.Bootstrap} does not show the topic '{Topics.DeadLetters}' to its end; is it running?");
                continue;
            }
            heard = time.GetTimestamp();
            if (record.IsPartitionEOF)
                unread.Remove(record.TopicPartition);
            else
                Add(record);
        }
        return
        [
            .. letters.OrderBy(letter => letter.Letter.RejectedAt)
                .Select(letter => letter with { ResentAt = resent.TryGetValue((letter.Letter.Origin, letter.Letter.Stage), out DateTime at) ? at : null }),
        ];

        void Add(ConsumeResult<byte[], byte[]> record)
        {
            DeadLetter letter = DeadLetter.FromMessage(record.Message);
            if (letter.Stage != Resend.Stage)
            {
                letters.Add(new FoundLetter(letter, $"{record.Topic}-{record.Partition.Value}-{record.Offset.Value}", record.Partition.Value, null));
                return;
            }
            foreach (string stage in Resend.Stages(record.Message.Headers))
                resent.TryAdd((letter.Origin, stage), letter.RejectedAt);
        }
    }
}
