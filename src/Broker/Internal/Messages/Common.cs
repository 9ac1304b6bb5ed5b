using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

// Shapes that many messages share, whatever their fields are called in each; on the wire only order and type count.

/// <summary>A topic and something about each of some of its partitions.</summary>
internal sealed class TopicOf<TPartition> : IMessage where TPartition : IMessage, new()
{
    public string Name = "";
    public TPartition[] Partitions = [];

    public void Visit(Codec codec)
    {
        codec.String(ref Name);
        codec.Array(ref Partitions);
        codec.Tags();
    }
}

/// <summary>Some partitions of a topic.</summary>
internal sealed class TopicPartitions : IMessage
{
    public string Name = "";
    public int[] Partitions = [];

    public void Visit(Codec codec)
    {
        codec.String(ref Name);
        codec.Int32Array(ref Partitions);
        codec.Tags();
    }
}

/// <summary>What became of a partition's part of a request.</summary>
internal sealed class PartitionError : IMessage
{
    public int PartitionIndex;
    public KafkaError ErrorCode;

    public void Visit(Codec codec)
    {
        codec.Int32(ref PartitionIndex);
        codec.Error(ref ErrorCode);
        codec.Tags();
    }
}

/// <summary>A setting.</summary>
internal sealed class NamedValue : IMessage
{
    public string Name = "";
    public string? Value;

    public void Visit(Codec codec)
    {
        codec.String(ref Name);
        codec.NullableString(ref Value);
        codec.Tags();
    }
}
