using System.Collections.Concurrent;
using System.Globalization;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal.Topics;

/// <summary>
/// The topics of this broker: which there are, their partitions' logs and settings. Changes are written to the state log before they take effect, so a
/// folder without a topic is a left-over of a deletion that a crash cut short; it is removed when a topic of that name is made.
/// </summary>
internal sealed class TopicCatalog : IDisposable
{
    private const string TopicPrefix = "topic/";
    private const string StartPrefix = "start/";
    private const int LongestName = 249;
    /// <summary>Half of what a process may open by default on most systems; connections need the other half.</summary>
    private const int MostOpenFiles = 512;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = new();
    private readonly FileHandles _handles = new(MostOpenFiles);
    private readonly StateLog _state;
    private readonly string? _folder;
    private readonly BrokerOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>Opens all topics; recovers their logs where the last stop was not clean.</summary>
    public TopicCatalog(StateLog state, BrokerOptions options, ILogger logger, TimeProvider time)
    {
        _state = state;
        _options = options;
        _logger = logger;
        _time = time;
        _folder = options.DataFolder is null ? null : Path.Combine(options.DataFolder, "logs");
        Dictionary<string, long> starts = state.All<NumberRecord>(StartPrefix).ToDictionary(entry => entry.Key, entry => entry.Value.Value);
        Parallel.ForEach(state.All<TopicRecord>(TopicPrefix), entry =>
        {
            TopicConfig config = new(entry.Value.Settings.ToDictionary(setting => setting.Name, setting => setting.Value));
            Add(new Topic(entry.Key, entry.Value.Id, config, Open(entry.Key, config, 0, entry.Value.Partitions, starts)));
        });
    }

    /// <summary>Told of each topic that is deleted.</summary>
    public event Action<string>? Deleted;

    public IEnumerable<Topic> All => _byName.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal);

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _byId.GetValueOrDefault(id);

    public PartitionLog? Partition(string topic, int partition) => Find(topic)?.Partition(partition);

    /// <summary>What is wrong with a name, as a sentence; null: nothing.</summary>
    public static string? NameProblem(string name)
    {
        if (name.Length is 0 or > LongestName)
            return $"Topic names have 1 to {LongestName} characters; '{name}' has {name.Length}.";
        return name is "." or ".." || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            ? $"Topic names consist of ASCII letters, digits, '.', '_' and '-'; '{name}' does not."
            : null;
    }

    /// <summary>Makes a topic; <c>TopicAlreadyExists</c> where there is one.</summary>
    public (KafkaError Error, Topic? Topic) Create(string name, int partitions, IReadOnlyDictionary<string, string> settings)
    {
        if (NameProblem(name) is not null)
            return (KafkaError.InvalidTopic, null);
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out Topic? existing))
                return (KafkaError.TopicAlreadyExists, existing);
            if (partitions < 1 || !Room(partitions))
                return (KafkaError.InvalidPartitions, null);
            for (int index = 0; _folder is not null && Directory.Exists(FolderOf(name, index)); index++)
                Directory.Delete(FolderOf(name, index)!, recursive: true);
            TopicConfig config = new(settings);
            Topic topic = new(name, Guid.NewGuid(), config, []);
            PartitionLog[] logs = Open(name, config, 0, partitions, []);
            topic.Add(logs);
            _state.Write(StateLog.Change(TopicPrefix + name, TopicRecord.Of(topic)));
            Add(topic);
            Log.TopicCreated(_logger, name, partitions);
            return (KafkaError.None, topic);
        }
    }

    /// <summary>The topic of that name, made with the default partitions where there is none.</summary>
    public (KafkaError Error, Topic? Topic) FindOrCreate(string name)
    {
        if (Find(name) is { } found)
            return (KafkaError.None, found);
        if (NameProblem(name) is not null)
            return (KafkaError.InvalidTopic, null);
        (KafkaError error, Topic? topic) = Create(name, _options.DefaultPartitions, new Dictionary<string, string>());
        return error == KafkaError.TopicAlreadyExists ? (KafkaError.None, topic) : (error, topic);
    }

    public void Delete(Topic topic)
    {
        lock (_gate)
        {
            if (!_byName.TryRemove(new KeyValuePair<string, Topic>(topic.Name, topic)))
                return;
            _byId.TryRemove(topic.Id, out _);
            _state.Write([
                StateLog.Change(TopicPrefix + topic.Name, null),
                .. Enumerable.Range(0, topic.Partitions.Count).Select(index => StateLog.Change(StartKey(topic.Name, index), null)),
            ]);
            foreach (PartitionLog log in topic.Partitions)
                log.Delete();
        }
        Deleted?.Invoke(topic.Name);
        Log.TopicDeleted(_logger, topic.Name);
    }

    /// <summary>Adds partitions up to <paramref name="count"/>.</summary>
    public KafkaError Grow(Topic topic, int count)
    {
        lock (_gate)
        {
            int present = topic.Partitions.Count;
            if (count <= present || !Room(count - present))
                return KafkaError.InvalidPartitions;
            PartitionLog[] more = Open(topic.Name, topic.Config, present, count, []);
            _state.Write(StateLog.Change(TopicPrefix + topic.Name, TopicRecord.Of(topic, partitions: count)));
            topic.Add(more);
            return KafkaError.None;
        }
    }

    public void Configure(Topic topic, IReadOnlyDictionary<string, string> settings)
    {
        lock (_gate)
        {
            _state.Write(StateLog.Change(TopicPrefix + topic.Name, TopicRecord.Of(topic, settings: settings)));
            topic.Config.Change(settings);
        }
    }

    /// <summary>Makes a partition's records before an offset unreadable, for good.</summary>
    public void DeleteRecords(Topic topic, int partition, long before)
    {
        _state.Write(StateLog.Change(StartKey(topic.Name, partition), new NumberRecord { Value = before }));
        topic.Partitions[partition].DeleteBefore(before);
    }

    /// <summary>Closes all logs, so that the next start need not recover them.</summary>
    public void Dispose()
    {
        Parallel.ForEach(_byName.Values.SelectMany(topic => topic.Partitions), log =>
        {
            try
            {
                log.Dispose();
            }
            catch (IOException failure)
            {
                // Without its checkpoint the log is recovered at the next start.
                Log.WriteFailed(_logger, log.Name, failure);
            }
        });
    }

    private bool Room(int more) => _byName.Values.Sum(topic => topic.Partitions.Count) + more <= _options.MaxPartitions;

    private void Add(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
    }

    private PartitionLog[] Open(string name, TopicConfig config, int from, int to, Dictionary<string, long> starts) =>
        [.. Enumerable.Range(from, to - from).Select(index => PartitionLog.Open(
            $"{name}-{index}", FolderOf(name, index), config, starts.GetValueOrDefault(StartKey(name, index)[StartPrefix.Length..]), _handles, _logger, _time))];

    private string? FolderOf(string name, int partition) => _folder is null ? null : Path.Combine(_folder, $"{name}-{partition}");

    private static string StartKey(string name, int partition) => string.Create(CultureInfo.InvariantCulture, $"{StartPrefix}{name}/{partition}");
}
