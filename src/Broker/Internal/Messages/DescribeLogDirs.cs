using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Messages;

/// <summary>DescribeLogDirs (key 35), versions 1 to 4, flexible from 2.</summary>
internal sealed class DescribeLogDirsRequest : IMessage
{
    public TopicPartitions[]? Topics;

    public void Visit(Codec codec)
    {
        codec.NullableArray(ref Topics);
        codec.Tags();
    }
}

internal sealed class DescribeLogDirsResponse : IMessage
{
    public int ThrottleTimeMs;
    public KafkaError ErrorCode;
    public Result[] Results = [];

    public void Visit(Codec codec)
    {
        codec.Int32(ref ThrottleTimeMs);
        codec.Error(ref ErrorCode, from: 3);
        codec.Array(ref Results);
        codec.Tags();
    }

    internal sealed class Result : IMessage
    {
        public KafkaError ErrorCode;
        public string LogDir = "";
        public TopicOf<Partition>[] Topics = [];
        public long TotalBytes = -1;
        public long UsableBytes = -1;

        public void Visit(Codec codec)
        {
            codec.Error(ref ErrorCode);
            codec.String(ref LogDir);
            codec.Array(ref Topics);
            codec.Int64(ref TotalBytes, from: 4);
            codec.Int64(ref UsableBytes, from: 4);
            codec.Tags();
        }

        internal sealed class Partition : IMessage
        {
            public int PartitionIndex;
            public long PartitionSize;
            public long OffsetLag;
            public bool IsFutureKey;

            public void Visit(Codec codec)
            {
                codec.Int32(ref PartitionIndex);
                codec.Int64(ref PartitionSize);
                codec.Int64(ref OffsetLag);
                codec.Bool(ref IsFutureKey);
                codec.Tags();
            }
        }
    }
}
