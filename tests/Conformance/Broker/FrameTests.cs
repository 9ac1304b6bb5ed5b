using System.Buffers.Binary;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Frames as other clients build them: headers, tags, several at once, cut short.</summary>
public sealed class FrameTests(Clusters clusters)
{
    private const byte ListGroups = 16;
    private const byte Metadata = 3;
    private static readonly byte[] UnknownTag = [1, 99, 3, 7, 7, 7];

    [Theory, OnBoth]
    public async Task Requests_that_come_together_are_answered_one_after_the_other(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        byte[][] frames = [Frame(ListGroups, 2, 11, "a"u8.ToArray(), []), Frame(ListGroups, 2, 12, null, []), Frame(Metadata, 1, 13, [], [0, 0, 0, 0])];

        await client.Connection.SendBytesAsync([.. frames.SelectMany(frame => frame)]);

        foreach (int expected in (int[])[11, 12, 13])
            Assert.Equal(expected, BinaryPrimitives.ReadInt32BigEndian(await client.Connection.ReceiveAsync()));
    }

    [Theory, OnBoth]
    public async Task Tags_that_are_not_known_are_skipped(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        byte[] body = WireWriter.ToArray(new MetadataRequest { Topics = [new MetadataRequest.Topic { Name = topic }] }, 12, flexible: true);
        // Behind the topic there is one byte for no tags, then the flags of two versions, then one more for no tags.
        byte[] tagged = [.. body[..^4], .. UnknownTag, .. body[^3..^1], .. UnknownTag];

        await client.Connection.SendBytesAsync(Frame(Metadata, 12, 5, "test"u8.ToArray(), [.. UnknownTag, .. tagged]));
        byte[] answer = (await client.Connection.ReceiveAsync())!;

        Assert.Equal((5, 0), (BinaryPrimitives.ReadInt32BigEndian(answer), answer[4]));
        MetadataResponse metadata = WireReader.Read<MetadataResponse>(answer.AsMemory(5), 12, flexible: true);
        Assert.Equal((topic, KafkaError.None), (metadata.Topics.Single().Name, metadata.Topics[0].ErrorCode));
    }

    /// <summary>Frames that are not what they should be, and close their connection.</summary>
    private static readonly Dictionary<string, byte[]> Unsound = new()
    {
        ["a body that ends too soon"] = Frame(Metadata, 1, 1, "test"u8.ToArray(), [0, 0]),
        ["an array longer than the frame"] = Frame(Metadata, 1, 1, "test"u8.ToArray(), [0, 0, 0, 9, 0, 1, 65]),
        ["a string longer than the frame"] = Frame(Metadata, 1, 1, "test"u8.ToArray(), [0, 0, 0, 1, 0, 9, 65]),
        ["a client id longer than the frame"] = [0, 0, 0, 10, 0, Metadata, 0, 1, 0, 0, 0, 1, 0, 9],
        ["a frame that is shorter than a header"] = [0, 0, 0, 4, 0, Metadata, 0, 1],
        ["a frame of a negative length"] = [0xff, 0xff, 0xff, 0xff],
        ["a frame of two gigabytes"] = [0x7f, 0xff, 0xff, 0xff],
    };

    public static IEnumerable<string> UnsoundFrames => Unsound.Keys;

    [Theory, OnBothWith(nameof(UnsoundFrames))]
    public async Task Frame_that_is_not_sound_closes_its_connection_and_no_other(Target target, string what)
    {
        using Client client = await clusters.ConnectAsync(target);
        using Client other = await clusters.ConnectAsync(target);

        await client.Connection.SendBytesAsync(Unsound[what]);

        Assert.Null(await client.Connection.ReceiveAsync());
        Assert.Equal(KafkaError.None, (await other.AskAsync<ListGroupsResponse>(new ListGroupsRequest())).ErrorCode);
    }

    private static byte[] Frame(short key, short version, int correlation, byte[]? clientId, byte[] rest)
    {
        byte[] frame = [.. new byte[14], .. clientId ?? [], .. rest];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), correlation);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), (short)(clientId?.Length ?? -1));
        return frame;
    }
}
