using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Transactions;

/// <summary>A transactional id with its producer and what its open transaction touches; persisted at every change.</summary>
internal sealed class Transaction : IMessage
{
    public const string Prefix = "transaction/";

    public string Id = "";
    public long ProducerId = -1;
    public short Epoch = -1;
    /// <summary>The epoch before the last one given out: a producer whose answer was lost asks again with it.</summary>
    public short PreviousEpoch = -1;
    public int TimeoutMs;
    public long StartedAt = -1;
    public long ChangedAt;
    /// <summary>When its end is tried again, after the disk failed; −1: it did not. Not persisted.</summary>
    public long FinishAgainAt = -1;
    private sbyte _state;
    private TouchedPartition[] _persistedPartitions = [];
    private string[] _persistedGroups = [];

    public TransactionState State => (TransactionState)_state;

    public HashSet<TopicPartition> Partitions { get; } = [];

    /// <summary>Groups whose offsets are part of the transaction.</summary>
    public HashSet<string> Groups { get; } = [];

    public void Move(TransactionState next)
    {
        if (!next.MayFollow(State))
            throw new InvalidOperationException($"Transaction {Id} may not go from {State} to {next}.");
        _state = (sbyte)next;
    }

    public void Visit(Codec codec)
    {
        _persistedPartitions = [.. Partitions.Select(partition => new TouchedPartition { Topic = partition.Topic, Partition = partition.Partition })];
        _persistedGroups = [.. Groups];
        codec.String(ref Id);
        codec.Int64(ref ProducerId);
        codec.Int16(ref Epoch);
        codec.Int16(ref PreviousEpoch);
        codec.Int32(ref TimeoutMs);
        codec.Int64(ref StartedAt);
        codec.Int64(ref ChangedAt);
        codec.Int8(ref _state);
        codec.Array(ref _persistedPartitions);
        codec.StringArray(ref _persistedGroups);
        codec.Tags();
        Partitions.UnionWith(_persistedPartitions.Select(touched => new TopicPartition(touched.Topic, touched.Partition)));
        Groups.UnionWith(_persistedGroups);
    }

    private sealed class TouchedPartition : IMessage
    {
        public string Topic = "";
        public int Partition;

        public void Visit(Codec codec)
        {
            codec.String(ref Topic);
            codec.Int32(ref Partition);
            codec.Tags();
        }
    }
}
