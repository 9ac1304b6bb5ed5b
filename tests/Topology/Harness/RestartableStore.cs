using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Assay.Streams;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Tests.Harness;

/// <summary>The state store of a task that can be stopped and started: what is put is serialized once per commit, as the engine does, and read back from its bytes.</summary>
internal sealed class RestartableStore(StateSerde serde) : IKeyValueStore<StateKey, StateEntry>
{
    private static readonly SerdeContext Context = new("changelog", IsKey: false);

    private readonly Dictionary<string, byte[]> _changelog = [];
    private readonly HashSet<StateKey> _dirty = [];
    private readonly SortedDictionary<StateKey, StateEntry> _entries = [];

    private ISerde<StateKey> Keys => serde;
    private ISerde<StateEntry> Values => serde;

    public string Name => "accuracy";
    public int Count => _entries.Count;
    public int Flushes { get; private set; }

    public StateEntry? Get(StateKey key) => _entries.GetValueOrDefault(key);

    public bool TryGet(StateKey key, [MaybeNullWhen(false)] out StateEntry value) => _entries.TryGetValue(key, out value);

    public IEnumerable<KeyValuePair<StateKey, StateEntry>> All() => _entries;

    public IEnumerable<KeyValuePair<StateKey, StateEntry>> Range(StateKey from, StateKey to) => throw new NotSupportedException();

    public void Put(StateKey key, StateEntry? value)
    {
        _entries[key] = value!;
        _dirty.Add(key);
    }

    public bool Delete(StateKey key)
    {
        _dirty.Add(key);
        return _entries.Remove(key);
    }

    /// <summary>Writes what has changed to the changelog.</summary>
    public void Commit()
    {
        foreach (StateKey key in _dirty)
        {
            string bytes = Convert.ToHexString(Bytes(output => Keys.Serialize(key, output, Context)));
            if (_entries.TryGetValue(key, out StateEntry? entry))
                _changelog[bytes] = Bytes(output => Values.Serialize(entry, output, Context));
            else
                _changelog.Remove(bytes);
        }
        _dirty.Clear();
        Flushes++;
    }

    /// <summary>The store of the next run, from the changelog alone: what was not committed is gone.</summary>
    public RestartableStore Restored()
    {
        RestartableStore next = new(serde);
        foreach ((string key, byte[] value) in _changelog)
        {
            next._changelog.Add(key, value);
            next._entries.Add(Keys.Deserialize(Convert.FromHexString(key), Context), Values.Deserialize(value, Context));
        }
        return next;
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
