using System.Buffers;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Persistence;
using Assay.Streams.Internal.State;
using Assay.Streams.Internal.Tasks;
using Assay.Streams.Internal.Testing;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Testing;

/// <summary>Runs a topology without a broker, on one partition and a clock that stands still: a record is processed when it is piped in.</summary>
/// <remarks>The tasks, nodes and stores are those that run on a broker. Each record is committed by itself. Not safe for use from several threads.</remarks>
public sealed class TopologyTestDriver : IDisposable
{
    private readonly TopologyGraph _graph;
    private readonly TaskEnvironment _environment;
    private readonly ManualClock _clock;
    private readonly CapturingCollector _collector;
    private readonly Dictionary<string, long> _nextOffsets = new(StringComparer.Ordinal);
    private List<StreamTask> _tasks;

    /// <param name="topology">What to run.</param>
    /// <param name="options">Its application id and handlers are used; null: an application named <c>test</c> that stops on any failure.</param>
    /// <param name="initialWallClock">Null: the epoch.</param>
    /// <param name="loggers">Null: none.</param>
    public TopologyTestDriver(Topology topology, StreamsOptions? options = null, DateTimeOffset? initialWallClock = null, ILoggerFactory? loggers = null)
    {
        _clock = new ManualClock(initialWallClock ?? DateTimeOffset.UnixEpoch);
        options ??= new StreamsOptions { ApplicationId = "test", Client = new ClientConfig() };
        _graph = TopologyGraph.Of(topology, options.ApplicationId);
        ILogger log = (loggers ?? NullLoggerFactory.Instance).CreateLogger<TopologyTestDriver>();
        _environment = new TaskEnvironment(options, _clock, log, StateDirectory.For(options, _clock, log));
        _environment.State?.Open(_graph.SubTopologies.SelectMany(subTopology => subTopology.Stores));
        _collector = new CapturingCollector(_graph.SubTopologies.SelectMany(subTopology => subTopology.InputTopics));
        _tasks = [.. BuildTasks()];
        foreach (StreamTask task in _tasks)
        {
            foreach (PartitionQueue input in task.Inputs)
                input.Reset(0, -1);
            task.MoveTo(TaskState.Restoring);
            _collector.Restore(task);
            task.Start();
        }
        Settle();
    }

    /// <summary>A topic that the topology reads.</summary>
    public TestInputTopic<TKey, TValue> CreateInputTopic<TKey, TValue>(string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        Input(topic);
        return new TestInputTopic<TKey, TValue>(this, topic, keySerde, valueSerde);
    }

    /// <summary>The topics that were written so far: outputs, repartition topics, changelogs.</summary>
    public IReadOnlySet<string> ProducedTopicNames => _collector.Topics.ToHashSet();

    /// <summary>A topic that the topology writes: an output, a dead-letter topic, a changelog. Reading takes records off it.</summary>
    public TestOutputTopic<TKey, TValue> CreateOutputTopic<TKey, TValue>(string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) =>
        new(_collector.Topic(topic), topic, keySerde, valueSerde);

    /// <summary>A store of the topology.</summary>
    /// <exception cref="StreamsException">There is none of that name and those types.</exception>
    public IKeyValueStore<TKey, TValue> GetKeyValueStore<TKey, TValue>(string name) where TKey : notnull =>
        Store<IKeyValueStore<TKey, TValue>>(name, "a key-value store", typeof(TKey), typeof(TValue));

    /// <inheritdoc cref="GetKeyValueStore"/>
    public IWindowStore<TKey, TValue> GetWindowStore<TKey, TValue>(string name) where TKey : notnull =>
        Store<IWindowStore<TKey, TValue>>(name, "a window store", typeof(TKey), typeof(TValue));

    /// <inheritdoc cref="GetKeyValueStore"/>
    public ISessionStore<TKey, TValue> GetSessionStore<TKey, TValue>(string name) where TKey : notnull =>
        Store<ISessionStore<TKey, TValue>>(name, "a session store", typeof(TKey), typeof(TValue));

    /// <inheritdoc cref="GetKeyValueStore"/>
    public IVersionedKeyValueStore<TKey, TValue> GetVersionedStore<TKey, TValue>(string name) where TKey : notnull =>
        Store<IVersionedKeyValueStore<TKey, TValue>>(name, "a versioned store", typeof(TKey), typeof(TValue));

    /// <summary>The stream time of the sub-topology that reads <paramref name="inputTopic"/>, ms since the epoch; −1 before its first record.</summary>
    public long StreamTime(string inputTopic) => Input(inputTopic).Task.StreamTime;

    /// <summary>Moves the clock on; wall-clock punctuators that come due fire once.</summary>
    public void AdvanceWallClockTime(TimeSpan by)
    {
        _clock.Advance(by);
        foreach (StreamTask task in _tasks)
            task.PunctuateWallClock(task.SystemTime);
        Settle();
    }

    /// <summary>Does what a stop and a start do: new processors, stores restored from their changelogs, stream time from the commit. Stores without
    /// a changelog are empty afterwards.</summary>
    public void Restart()
    {
        List<StreamTask> before = _tasks;
        _tasks = [.. BuildTasks()];
        foreach ((StreamTask old, StreamTask task) in before.Zip(_tasks))
        {
            foreach ((PartitionQueue oldInput, PartitionQueue input) in old.Inputs.Zip(task.Inputs))
                input.Reset(oldInput.CommitOffset, oldInput.PartitionTime);
            old.Close();
            task.MoveTo(TaskState.Restoring);
            _collector.Restore(task);
            task.Start();
        }
        Settle();
    }

    public void Dispose()
    {
        foreach (StreamTask task in _tasks)
            task.Close();
        _tasks = [];
        _environment.State?.Dispose();
    }

    internal void Pipe(string topic, byte[]? key, byte[]? value, long timestamp, Headers? headers)
    {
        _nextOffsets.TryGetValue(topic, out long offset);
        _nextOffsets[topic] = offset + 1;
        Input(topic).Queue.Enqueue(new RawRecord(key, value, headers, offset, timestamp));
        Settle();
    }

    private IEnumerable<StreamTask> BuildTasks() => _graph.SubTopologies.Select(subTopology =>
        new StreamTask(new TaskId(subTopology.Id, 0), subTopology, subTopology.InputTopics, _environment, _collector));

    /// <summary>Processes and commits until nothing is left; what a sink writes for another sub-topology goes on to that.</summary>
    private void Settle()
    {
        bool more = true;
        while (more)
        {
            more = false;
            foreach (StreamTask task in _tasks)
            {
                foreach (PartitionQueue input in task.Inputs)
                    input.EndReached(0);
                while (task.ProcessOne())
                    more = true;
                task.Flush();
                task.Committed();
                foreach (PartitionQueue input in task.Inputs)
                {
                    foreach (CapturedRecord record in _collector.TakeForwarded(input.Topic))
                    {
                        _nextOffsets.TryGetValue(input.Topic, out long offset);
                        _nextOffsets[input.Topic] = offset + 1;
                        input.Enqueue(new RawRecord(record.Key, record.Value, record.Headers, offset, record.Timestamp));
                        more = true;
                    }
                }
            }
        }
    }

    private (StreamTask Task, PartitionQueue Queue) Input(string topic)
    {
        foreach (StreamTask task in _tasks)
        {
            foreach (PartitionQueue input in task.Inputs)
            {
                if (input.Topic == topic)
                    return (task, input);
            }
        }
        throw new StreamsException($"The topology does not read the topic '{topic}'.");
    }

    private TStore Store<TStore>(string name, string kind, Type key, Type value) where TStore : class, IStateStore => Store(name) as TStore
        ?? throw new StreamsException($"Store '{name}' is {Store(name).GetType()}, not {kind} of {key} and {value}.");

    private ManagedStore Store(string name) => _graph.SubTopologies.Zip(_tasks).Where(pair => pair.First.Stores.Any(store => store.Name == name))
        .Select(pair => pair.Second.Store(name)).FirstOrDefault() ?? throw new StreamsException($"The topology has no store named '{name}'.");
}

/// <summary>Pipes records into a <see cref="TopologyTestDriver"/>.</summary>
public sealed class TestInputTopic<TKey, TValue>
{
    private readonly TopologyTestDriver _driver;
    private readonly string _topic;
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;

    internal TestInputTopic(TopologyTestDriver driver, string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        _driver = driver;
        _topic = topic;
        _keySerde = keySerde;
        _valueSerde = valueSerde;
    }

    /// <param name="key">Null: a record without a key.</param>
    /// <param name="value">Null: a tombstone.</param>
    /// <param name="timestamp">Kafka's timestamp, ms since the epoch.</param>
    /// <param name="headers">Null: none.</param>
    public void PipeInput(TKey? key, TValue? value, long timestamp, Headers? headers = null) => _driver.Pipe(
        _topic, Bytes(key, _keySerde, isKey: true, headers), Bytes(value, _valueSerde, isKey: false, headers), timestamp, headers);

    /// <summary>Pipes bytes as they are, for what no serde writes.</summary>
    public void PipeRaw(byte[]? key, byte[]? value, long timestamp, Headers? headers = null) => _driver.Pipe(_topic, key, value, timestamp, headers);

    private byte[]? Bytes<T>(T? value, ISerde<T> serde, bool isKey, Headers? headers)
    {
        if (value is null)
            return null;
        ArrayBufferWriter<byte> bytes = new();
        serde.Serialize(value, bytes, new SerdeContext(_topic, isKey, headers));
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>Reads what a topology wrote, in the order in which it did.</summary>
public sealed class TestOutputTopic<TKey, TValue>
{
    private readonly Queue<CapturedRecord> _records;
    private readonly string _topic;
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;

    internal TestOutputTopic(Queue<CapturedRecord> records, string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        _records = records;
        _topic = topic;
        _keySerde = keySerde;
        _valueSerde = valueSerde;
    }

    public bool IsEmpty => _records.Count == 0;

    /// <summary>How many records wait to be read.</summary>
    public int QueueSize => _records.Count;

    /// <summary>Takes the next record.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Record<TKey, TValue> ReadRecord()
    {
        CapturedRecord record = _records.Count > 0 ? _records.Dequeue() : throw new InvalidOperationException($"Nothing more was written to {_topic}.");
        return new Record<TKey, TValue>(
            record.Key is null ? default! : _keySerde.Deserialize(record.Key, new SerdeContext(_topic, IsKey: true, record.Headers)),
            record.Value is null ? default! : _valueSerde.Deserialize(record.Value, new SerdeContext(_topic, IsKey: false, record.Headers)),
            record.Timestamp, record.Headers);
    }

    public TValue ReadValue() => ReadRecord().Value;

    public KeyValuePair<TKey, TValue> ReadKeyValue()
    {
        Record<TKey, TValue> record = ReadRecord();
        return new KeyValuePair<TKey, TValue>(record.Key, record.Value);
    }

    /// <summary>Takes all that wait.</summary>
    public IReadOnlyList<Record<TKey, TValue>> ReadRecordsToList()
    {
        List<Record<TKey, TValue>> records = new(_records.Count);
        while (!IsEmpty)
            records.Add(ReadRecord());
        return records;
    }
}
