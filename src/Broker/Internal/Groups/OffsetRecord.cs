using System.Globalization;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Groups;

/// <summary>A partition whose offset a group commits.</summary>
internal readonly record struct TopicPartition(string Topic, int Partition);

/// <summary>A committed offset.</summary>
internal sealed class OffsetRecord : IMessage
{
    public const string Prefix = "offset/";
    public const string PendingPrefix = "pending/";

    public long Offset;
    public int LeaderEpoch = -1;
    public string Metadata = "";

    // Group ids may hold any character but this one never stands in a topic's name, so keys can be read from their end.
    public static string Key(string group, TopicPartition partition) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{group}\0{partition.Topic}\0{partition.Partition}");

    public static string PendingKey(long producerId, string group, TopicPartition partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{PendingPrefix}{producerId}\0{group}\0{partition.Topic}\0{partition.Partition}");

    /// <summary>Splits a key without its prefix into what stands before topic and partition, and these.</summary>
    public static (string Owner, TopicPartition Partition) Parse(string key)
    {
        int last = key.LastIndexOf('\0');
        int topic = key.LastIndexOf('\0', last - 1);
        return (key[..topic], new TopicPartition(key[(topic + 1)..last], int.Parse(key.AsSpan(last + 1), CultureInfo.InvariantCulture)));
    }

    public void Visit(Codec codec)
    {
        codec.Int64(ref Offset);
        codec.Int32(ref LeaderEpoch);
        codec.String(ref Metadata);
        codec.Tags();
    }
}
