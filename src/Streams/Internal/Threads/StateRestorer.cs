using Assay.Streams.Internal.Kafka;
using Assay.Streams.Internal.State;
using Assay.Streams.Internal.Tasks;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Threads;

/// <summary>Fills the stores of a thread's tasks from their changelogs, a step at a time, so that the thread keeps polling its inputs meanwhile (rule 20).</summary>
/// <remarks>
/// A changelog partition is read, committed records only, up to the high watermark at the time of assignment. Markers and aborted records take
/// offsets too, so the end is known from the consumer's end-of-partition events, not by counting (rule 19). Several steps may be one
/// poll; a task is restored when all its stores are.
/// </remarks>
internal sealed class StateRestorer(StreamsOptions options, string threadName, InternalTopics topics, ILogger log) : IDisposable
{
    private readonly List<Restoration> _restorations = [];
    private readonly Dictionary<(nint Topic, int Partition), Changelog?> _byHandle = [];
    private IConsumer<Ignore, Ignore>? _consumer;
    private MessagePoller? _poller;
    private bool _assigned;

    public bool IsIdle => _restorations.Count == 0;

    public void Add(StreamTask task)
    {
        Restoration restoration = new(task, [.. task.LoggedStores.Select(store => new Changelog(store, task.Id.Partition))]);
        restoration.AskEnds(topics);
        _restorations.Add(restoration);
    }

    public void Remove(StreamTask task)
    {
        if (_restorations.RemoveAll(restoration => restoration.Task == task) > 0)
            Assign();
    }

    /// <summary>Reads on; gives the tasks that are restored now.</summary>
    /// <param name="timeoutMs">The longest to wait for records.</param>
    public IReadOnlyList<StreamTask> Step(int timeoutMs)
    {
        if (TakeEnds())
            Assign();
        if (_assigned)
        {
            foreach (nint message in _poller!.Poll(timeoutMs))
                Take(message);
        }
        List<StreamTask> restored = [];
        for (int i = _restorations.Count - 1; i >= 0; i--)
        {
            Restoration restoration = _restorations[i];
            if (!restoration.IsDone)
                continue;
            _restorations.RemoveAt(i);
            restored.Add(restoration.Task);
            log.Restored(threadName, restoration.Task.Id, restoration.Records);
        }
        if (_assigned && _restorations.Count == 0)
            Assign();
        return restored;
    }

    public void Dispose()
    {
        _poller?.Dispose();
        _consumer?.Dispose();
    }

    /// <summary>Whether a changelog has to be read that was not before.</summary>
    private bool TakeEnds()
    {
        bool any = false;
        foreach (Restoration restoration in _restorations)
        {
            if (restoration.Ends is not { IsCompleted: true } ends)
                continue;
            restoration.Ends = null;
            if (!ends.IsCompletedSuccessfully)
            {
                log.KafkaUnavailable($"{threadName}: ends of changelogs", 0, ends.Exception?.InnerException?.Message ?? "cancelled");
                restoration.AskEnds(topics);
                continue;
            }
            foreach (Changelog changelog in restoration.Changelogs)
            {
                changelog.End = ends.Result[changelog.Partition];
                changelog.Done = changelog.End == 0;
                any |= !changelog.Done;
            }
        }
        return any;
    }

    private void Assign()
    {
        List<TopicPartitionOffset> partitions = [.. from restoration in _restorations
                                                    from changelog in restoration.Changelogs
                                                    where !changelog.Done && changelog.End > 0
                                                    select new TopicPartitionOffset(changelog.Partition, changelog.Next)];
        _byHandle.Clear();
        if (partitions.Count == 0)
        {
            _consumer?.Unassign();
            _assigned = false;
            return;
        }
        if (_consumer is null)
        {
            _consumer = new ConsumerBuilder<Ignore, Ignore>(ClientConfigs.Restore(options, threadName))
                .SetLogHandler((_, message) => log.Client(message.Name, message.Message))
                .SetErrorHandler((_, error) => log.ClientError(threadName, error.Reason))
                .Build();
            _poller = new MessagePoller(_consumer, batchSize: 4096);
        }
        _consumer.Assign(partitions);
        _assigned = true;
    }

    private void Take(nint message)
    {
        try
        {
            int error = NativeMessage.Error(message);
            if (error != 0 && error != NativeMessage.PartitionEof)
            {
                log.ConsumerError(threadName, new Error((ErrorCode)error).Reason);
                return;
            }
            if (Find(message) is not { Done: false } changelog)
                return;
            long offset = NativeMessage.Offset(message);
            if (error == 0)
            {
                changelog.Restore(NativeMessage.Key(message), NativeMessage.Value(message), NativeMessage.Timestamp(message), offset);
                offset++;
            }
            changelog.Done = offset >= changelog.End;
        }
        finally
        {
            NativeMessage.Destroy(message);
        }
    }

    private Changelog? Find(nint message)
    {
        (nint, int) key = (NativeMessage.TopicHandle(message), NativeMessage.Partition(message));
        if (_byHandle.TryGetValue(key, out Changelog? known))
            return known;
        TopicPartition partition = new(NativeMessage.TopicName(message), NativeMessage.Partition(message));
        Changelog? found = _restorations.SelectMany(restoration => restoration.Changelogs).FirstOrDefault(changelog => changelog.Partition == partition);
        _byHandle.Add(key, found);
        return found;
    }

    private sealed class Restoration(StreamTask task, IReadOnlyList<Changelog> changelogs)
    {
        public StreamTask Task => task;

        public IReadOnlyList<Changelog> Changelogs => changelogs;

        /// <summary>Null once the ends are known.</summary>
        public Task<IReadOnlyDictionary<TopicPartition, long>>? Ends { get; set; }

        public bool IsDone => Ends is null && changelogs.All(changelog => changelog.Done);

        public long Records => changelogs.Sum(changelog => changelog.Records);

        public void AskEnds(InternalTopics topics) => Ends = changelogs.Count == 0 ? null : topics.EndOffsets(changelogs.Select(changelog => changelog.Partition));
    }

    private sealed class Changelog(ManagedStore store, int partition)
    {
        public TopicPartition Partition { get; } = new(store.ChangelogTopic, partition);

        public long End { get; set; } = -1;

        public Offset Next { get; private set; } = Offset.Beginning;

        public long Records { get; private set; }

        public bool Done { get; set; }

        public void Restore(RawBytes key, RawBytes value, long timestamp, long offset)
        {
            try
            {
                store.Restore(key, value, timestamp);
            }
            catch (Exception exception)
            {
                throw new StreamsException(
                    $"The changelog {Partition.Topic}-{Partition.Partition.Value}@{offset} cannot be read into store '{store.Name}': {exception.Message} " +
                    "It was written by an incompatible version: start anew under another application id, or go back to that version.", exception);
            }
            Records++;
            Next = offset + 1;
        }
    }
}
