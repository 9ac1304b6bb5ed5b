using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>Fetch (key 1), versions 4 to 16, flexible from 12.</summary>
internal sealed class FetchRequest : IMessage
{
    public int ReplicaId = -1;
    public int MaxWaitMs;
    public int MinBytes;
    public int MaxBytes = 0x7fffffff;
    public sbyte IsolationLevel;
    public int SessionId;
    public int SessionEpoch = -1;
    public FetchTopic[] Topics = [];
    public ForgottenTopic[] ForgottenTopicsData = [];
    public string RackId = "";

    public void Visit(Codec codec)
    {
        codec.Int32(ref ReplicaId, to: 14);
        codec.Int32(ref MaxWaitMs);
        codec.Int32(ref MinBytes);
        codec.Int32(ref MaxBytes);
        codec.Int8(ref IsolationLevel);
        codec.Int32(ref SessionId, from: 7);
        codec.Int32(ref SessionEpoch, from: 7);
        codec.Array(ref Topics);
        codec.Array(ref ForgottenTopicsData, from: 7);
        codec.String(ref RackId, from: 11);
        codec.Tags();
    }

    internal sealed class FetchTopic : IMessage
    {
        public string Topic = "";
        public Guid TopicId;
        public FetchPartition[] Partitions = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Topic, to: 12);
            codec.Uuid(ref TopicId, from: 13);
            codec.Array(ref Partitions);
            codec.Tags();
        }

        internal sealed class FetchPartition : IMessage
        {
            public int Partition;
            public int CurrentLeaderEpoch = -1;
            public long FetchOffset;
            public int LastFetchedEpoch = -1;
            public long LogStartOffset = -1;
            public int PartitionMaxBytes;

            public void Visit(Codec codec)
            {
                codec.Int32(ref Partition);
                codec.Int32(ref CurrentLeaderEpoch, from: 9);
                codec.Int64(ref FetchOffset);
                codec.Int32(ref LastFetchedEpoch, from: 12);
                codec.Int64(ref LogStartOffset, from: 5);
                codec.Int32(ref PartitionMaxBytes);
                codec.Tags();
            }
        }
    }

    internal sealed class ForgottenTopic : IMessage
    {
        public string Topic = "";
        public Guid TopicId;
        public int[] Partitions = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Topic, to: 12);
            codec.Uuid(ref TopicId, from: 13);
            codec.Int32Array(ref Partitions);
            codec.Tags();
        }
    }
}

internal sealed class FetchResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public int SessionId;
    public FetchableTopicResponse[] Responses = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode, from: 7);
        codec.Int32(ref SessionId, from: 7);
        codec.Array(ref Responses);
        codec.Tags();
    }

    internal sealed class FetchableTopicResponse : IMessage
    {
        public string Topic = "";
        public Guid TopicId;
        public PartitionData[] Partitions = [];

        public void Visit(Codec codec)
        {
            codec.String(ref Topic, to: 12);
            codec.Uuid(ref TopicId, from: 13);
            codec.Array(ref Partitions);
            codec.Tags();
        }

        internal sealed class PartitionData : IMessage
        {
            public int PartitionIndex;
            public KafkaError ErrorCode;
            public long HighWatermark;
            public long LastStableOffset = -1;
            public long LogStartOffset = -1;
            public AbortedTransaction[]? AbortedTransactions;
            public int PreferredReadReplica = -1;
            public ReadOnlyMemory<byte>? Records;

            public void Visit(Codec codec)
            {
                codec.Int32(ref PartitionIndex);
                codec.Error(ref ErrorCode);
                codec.Int64(ref HighWatermark);
                codec.Int64(ref LastStableOffset);
                codec.Int64(ref LogStartOffset, from: 5);
                codec.NullableArray(ref AbortedTransactions);
                codec.Int32(ref PreferredReadReplica, from: 11);
                codec.Records(ref Records);
                codec.Tags();
            }

            internal sealed class AbortedTransaction : IMessage
            {
                public long ProducerId;
                public long FirstOffset;

                public void Visit(Codec codec)
                {
                    codec.Int64(ref ProducerId);
                    codec.Int64(ref FirstOffset);
                    codec.Tags();
                }
            }
        }
    }
}
