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
/// poll; a task is restored when all its stores are. A store that outlives the process goes on at its position; where that does not fit the changelog, it is emptied.
/// </remarks>
internal sealed class StateRestorer(StreamsOptions options, string threadName, InternalTopics topics, TimeProvider clock, ILogger log, bool standby = false) : IDisposable
{
    private const int PollBatch = 100;
    private const int MostPolls = 10;

    /// <summary>No step begins another poll after that: whoever restores has to poll its inputs, however slow its stores are.</summary>
    private static readonly TimeSpan StepBound = TimeSpan.FromMilliseconds(100);

    private readonly List<Restoration> _restorations = [];
    private readonly Dictionary<(nint Topic, int Partition), Changelog?> _byHandle = [];
    private IConsumer<Ignore, Ignore>? _consumer;
    private MessagePoller? _poller;
    private bool _assigned;
    private bool _toAssign;

    public bool IsIdle => _restorations.Count == 0;

    public void Add(StreamTask task)
    {
        Restoration restoration = new(task, [.. task.LoggedStores.Select(store => new Changelog(store, task))]);
        _restorations.Add(restoration);
    }

    public void Remove(StreamTask task)
    {
        if (_restorations.RemoveAll(restoration => restoration.Task == task) > 0)
            Assign();
    }

    /// <summary>Offsets that are still to be read for a task.</summary>
    public long Remaining(StreamTask task) => _restorations.Find(restoration => restoration.Task == task)?.Remaining ?? 0;

    /// <summary>Reads on; gives the tasks that are restored now.</summary>
    /// <param name="timeoutMs">The longest to wait for records.</param>
    public IReadOnlyList<StreamTask> Step(int timeoutMs)
    {
        // Stores are opened task by task, as that may take long on a disk and the thread has to poll between; then all are read together.
        if (!OpenNext() && _toAssign)
            Assign();
        if (_assigned)
        {
            long began = clock.GetTimestamp();
            int polls = 0, read;
            do
                read = Poll(polls++ == 0 ? timeoutMs : 0);
            while (read == PollBatch && polls < MostPolls && clock.GetElapsedTime(began) < StepBound);
            foreach (Restoration restoration in _restorations)
            {
                foreach (Changelog changelog in restoration.Changelogs)
                    changelog.Save();
            }
        }
        if (options.StateRestoreListener is { } listener)
        {
            foreach (Restoration restoration in _restorations)
                restoration.Report(listener);
        }
        List<StreamTask> restored = [];
        for (int i = _restorations.Count - 1; i >= 0; i--)
        {
            Restoration restoration = _restorations[i];
            if (!restoration.IsDone)
                continue;
            _restorations.RemoveAt(i);
            restored.Add(restoration.Task);
            if (!standby)
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

    /// <summary>Whether a task's stores were opened.</summary>
    private bool OpenNext()
    {
        foreach (Restoration restoration in _restorations)
        {
            if (restoration.Asked || !restoration.Task.TryClaimFolder())
            {
                if (restoration.Ranges is not { IsCompleted: true } ranges)
                    continue;
                restoration.Ranges = null;
                if (ranges.IsCompletedSuccessfully)
                {
                    _toAssign |= restoration.Open(ranges.Result);
                    return true;
                }
                log.KafkaUnavailable($"{threadName}: ends of changelogs", 0, ranges.Exception?.InnerException?.Message ?? "cancelled");
            }
            restoration.Ask(topics);
        }
        return false;
    }

    private void Assign()
    {
        List<TopicPartitionOffset> partitions = [.. from restoration in _restorations
                                                    from changelog in restoration.Changelogs
                                                    where changelog is { Done: false, End: > 0 }
                                                    select new TopicPartitionOffset(changelog.Partition, changelog.Next)];
        _byHandle.Clear();
        _toAssign = false;
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
            _poller = new MessagePoller(_consumer, PollBatch);
        }
        _consumer.Assign(partitions);
        _assigned = true;
    }

    /// <summary>How many messages came.</summary>
    private int Poll(int timeoutMs)
    {
        ReadOnlySpan<nint> messages = _poller!.Poll(timeoutMs);
        foreach (nint message in messages)
            Take(message);
        return messages.Length;
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
            changelog.ReachedUpTo(offset);
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
        private bool _open;
        private int _attempts;

        public StreamTask Task => task;

        public IReadOnlyList<Changelog> Changelogs => changelogs;

        public bool Asked { get; private set; }

        /// <summary>Null when they are known, and before they are asked for.</summary>
        public Task<IReadOnlyDictionary<TopicPartition, ChangelogRange>>? Ranges { get; set; }

        public bool IsDone => _open && changelogs.All(changelog => changelog.Done);

        public long Records => changelogs.Sum(changelog => changelog.Records);

        public long Remaining => changelogs.Sum(changelog => changelog.Remaining);

        public void Report(IStateRestoreListener listener)
        {
            if (!_open)
                return;
            foreach (Changelog changelog in changelogs)
                changelog.Report(listener);
        }

        public void Ask(InternalTopics topics)
        {
            Asked = true;
            if (changelogs.Count > 0)
                Ranges = topics.Ranges([.. changelogs.Select(changelog => changelog.Partition)], _attempts++);
            else
                Open(new Dictionary<TopicPartition, ChangelogRange>());
        }

        /// <summary>Whether there is something to read.</summary>
        public bool Open(IReadOnlyDictionary<TopicPartition, ChangelogRange> ranges)
        {
            task.OpenStores(topic => ranges[new TopicPartition(topic, task.Id.Partition)].TopicId);
            foreach (Changelog changelog in changelogs)
                changelog.Begin(ranges[changelog.Partition]);
            _open = true;
            return changelogs.Any(changelog => !changelog.Done);
        }
    }

    private sealed class Changelog(ManagedStore store, StreamTask task)
    {
        private long _saved;
        private long _begin;
        private bool _started;
        private long _reported;
        private bool _ended;

        public TopicPartition Partition { get; } = new(store.ChangelogTopic, task.Id.Partition);

        public long Remaining => Done || End < 0 ? 0 : End - Math.Max(Next.Value, _begin);

        public long End { get; private set; } = -1;

        /// <summary>A standby has read some of it before.</summary>
        public Offset Next { get; private set; } = store.HeldTo ?? Offset.Beginning;

        public long Records { get; private set; }

        public bool Done { get; private set; }

        public void Begin(ChangelogRange range)
        {
            if (store.Persistence is { Position: { } position } persistence)
            {
                Next = position;
                if (position > range.End || position < range.Begin)
                {
                    Next = Offset.Beginning;
                    persistence.Wipe($"it stands at offset {position} of {Partition.Topic}-{Partition.Partition.Value}, which has {range.Begin} to {range.End}");
                }
            }
            End = range.End;
            _begin = Next == Offset.Beginning ? range.Begin : Next.Value;
            ReachedUpTo(_begin);
        }

        public void Restore(RawBytes key, RawBytes value, long timestamp, long offset)
        {
            try
            {
                store.Restore(key, value, timestamp);
            }
            catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
            {
                throw new StreamsException(
                    $"The changelog {Partition.Topic}-{Partition.Partition.Value}@{offset} cannot be read into store '{store.Name}': {exception.Message} " +
                    "It was written by an incompatible version: start anew under another application id, or go back to that version.", exception);
            }
            Records++;
            Next = offset + 1;
            store.HeldTo = offset + 1;
            task.CountRestored();
        }

        /// <summary>Tells a listener what has happened since the last call.</summary>
        public void Report(IStateRestoreListener listener)
        {
            if (!_started)
            {
                _started = true;
                listener.OnRestoreStart(Partition, store.Name, _begin, End);
            }
            if (Records > _reported)
            {
                listener.OnBatchRestored(Partition, store.Name, Next.Value - 1, Records - _reported);
                _reported = Records;
            }
            if (!Done || _ended)
                return;
            _ended = true;
            listener.OnRestoreEnd(Partition, store.Name, Records);
        }

        /// <summary>Everything below that offset was read: records and what is no record.</summary>
        public void ReachedUpTo(long offset)
        {
            if (offset < End || Done)
                return;
            Done = true;
            store.HeldTo = End;
            store.Persistence?.RestoredTo(End);
        }

        /// <summary>Lets a store that outlives the process write what it was given.</summary>
        public void Save()
        {
            if (Done || Records == _saved)
                return;
            _saved = Records;
            store.Persistence?.RestoredTo(Next.Value);
        }
    }
}
