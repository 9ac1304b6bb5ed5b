using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Topics;

/// <summary>A topic in use. Partitions are only ever added.</summary>
internal sealed class Topic(string name, Guid id, TopicConfig config, PartitionLog[] partitions)
{
    private volatile PartitionLog[] _partitions = partitions;

    public string Name { get; } = name;
    public Guid Id { get; } = id;
    public TopicConfig Config { get; } = config;
    public IReadOnlyList<PartitionLog> Partitions => _partitions;

    public PartitionLog? Partition(int index) => (uint)index < (uint)_partitions.Length ? _partitions[index] : null;

    public void Add(IEnumerable<PartitionLog> more) => _partitions = [.. _partitions, .. more];
}

/// <summary>What is remembered of a topic besides its records.</summary>
internal sealed class TopicRecord : IMessage
{
    public Guid Id;
    public int Partitions;
    public Setting[] Settings = [];

    public static TopicRecord Of(Topic topic, int? partitions = null, IReadOnlyDictionary<string, string>? settings = null) => new()
    {
        Id = topic.Id,
        Partitions = partitions ?? topic.Partitions.Count,
        Settings = [.. (settings ?? topic.Config.Set).Select(entry => new Setting { Name = entry.Key, Value = entry.Value })],
    };

    public void Visit(Codec codec)
    {
        codec.Uuid(ref Id);
        codec.Int32(ref Partitions);
        codec.Array(ref Settings);
        codec.Tags();
    }

    internal sealed class Setting : IMessage
    {
        public string Name = "";
        public string Value = "";

        public void Visit(Codec codec)
        {
            codec.String(ref Name);
            codec.String(ref Value);
            codec.Tags();
        }
    }
}

/// <summary>A number in the broker's state.</summary>
internal sealed class NumberRecord : IMessage
{
    public long Value;

    public void Visit(Codec codec)
    {
        codec.Int64(ref Value);
        codec.Tags();
    }
}

/// <summary>The cluster's identity in the broker's state.</summary>
internal sealed class ClusterRecord : IMessage
{
    public Guid Id;

    public void Visit(Codec codec)
    {
        codec.Uuid(ref Id);
        codec.Tags();
    }
}
