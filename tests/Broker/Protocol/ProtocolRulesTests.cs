using System.Buffers.Binary;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Protocol;

/// <summary>Rules that no ordinary client shows, request by request.</summary>
public sealed class ProtocolRulesTests : IAsyncLifetime
{
    private const short Produce = 0;
    private const short Fetch = 1;
    private const short JoinGroup = 11;
    private const short SyncGroup = 14;
    private const short Heartbeat = 12;
    private const short ApiVersions = 18;
    private const short CreateTopics = 19;

    private KafkaBroker _broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartAsync(new BrokerOptions { MaxFrameBytes = 1_000_000, MaxConnections = 20 }, ct: Ct);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task ApiVersions_in_an_unknown_version_is_answered_in_version_0_with_the_ranges()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);

        ApiVersionsResponse response = await client.AskAsync<ApiVersionsResponse>(ApiVersions, 99, new ApiVersionsRequest(), answeredIn: 0);

        Assert.Equal(KafkaError.UnsupportedVersion, response.ErrorCode);
        Assert.Contains(response.ApiKeys, range => range is { ApiKey: ApiVersions, MinVersion: 0, MaxVersion: 4 });
        Assert.Contains(response.ApiKeys, range => range is { ApiKey: Produce, MinVersion: 0 });
    }

    [Theory]
    [InlineData(Produce, (short)2)]
    [InlineData(Fetch, (short)3)]
    [InlineData((short)4, (short)0)]
    [InlineData((short)71, (short)0)]
    public async Task Request_that_is_not_served_closes_the_connection(short key, short version)
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);

        await client.SendAsync(key, version, new HeartbeatRequest());

        Assert.Null(await client.ReceiveAsync());
    }

    [Theory]
    [InlineData(1_000_001)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public async Task Frame_out_of_bounds_closes_the_connection_and_harms_no_other(int length)
    {
        using RawClient hostile = await RawClient.ConnectAsync(_broker);
        using RawClient other = await RawClient.ConnectAsync(_broker);
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);

        await hostile.SendBytesAsync(bytes);

        Assert.Null(await hostile.ReceiveAsync());
        Assert.Equal(KafkaError.None, (await other.AskAsync<ApiVersionsResponse>(ApiVersions, 0, new ApiVersionsRequest())).ErrorCode);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        List<RawClient> clients = [];
        for (int index = 0; index < 20; index++)
        {
            clients.Add(await RawClient.ConnectAsync(_broker));
            await clients[^1].AskAsync<ApiVersionsResponse>(ApiVersions, 0, new ApiVersionsRequest());
        }

        using RawClient onMore = await RawClient.ConnectAsync(_broker);

        Assert.Null(await onMore.ReceiveAsync());
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Produce_without_acknowledgement_has_no_answer_and_keeps_its_place()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);
        await CreateAsync(client, "quiet");

        await client.SendAsync(Produce, 9, Write("quiet", Batches.Plain(records: 2), acks: 0));
        ProduceResponse answer = await client.AskAsync<ProduceResponse>(Produce, 9, Write("quiet", Batches.Plain(), acks: -1));

        Assert.Equal(2, answer.Responses[0].Partitions[0].BaseOffset);
    }

    [Fact]
    public async Task Produce_with_other_acks_than_0_1_and_all_is_refused()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);
        await CreateAsync(client, "acks");

        ProduceResponse answer = await client.AskAsync<ProduceResponse>(Produce, 9, Write("acks", Batches.Plain(), acks: 2));

        Assert.Equal(KafkaError.InvalidRequiredAcks, answer.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task Fetch_waits_for_records_and_is_woken_by_them()
    {
        using RawClient reader = await RawClient.ConnectAsync(_broker);
        using RawClient writer = await RawClient.ConnectAsync(_broker);
        await CreateAsync(writer, "awaited");

        Task<FetchResponse> waiting = reader.AskAsync<FetchResponse>(Fetch, 11, Read("awaited", 0, maxWaitMs: 20_000));
        await writer.AskAsync<ProduceResponse>(Produce, 9, Write("awaited", Batches.Plain(), acks: 1));
        FetchResponse response = await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct);

        Assert.Equal(1, response.Responses[0].Partitions[0].HighWatermark);
        Assert.NotEqual(0, response.Responses[0].Partitions[0].Records!.Value.Length);
    }

    [Fact]
    public async Task Fetch_at_the_end_is_empty_not_null_and_beyond_it_an_error()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);
        await CreateAsync(client, "ends");

        FetchResponse atEnd = await client.AskAsync<FetchResponse>(Fetch, 11, Read("ends", 0, maxWaitMs: 10));
        FetchResponse beyond = await client.AskAsync<FetchResponse>(Fetch, 11, Read("ends", 1, maxWaitMs: 10_000));

        Assert.Equal(0, atEnd.Responses[0].Partitions[0].Records!.Value.Length);
        Assert.Equal(KafkaError.OffsetOutOfRange, beyond.Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(0, atEnd.SessionId);
    }

    [Fact]
    public async Task Dynamic_member_is_given_an_id_first_and_a_member_that_never_syncs_is_put_out()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);
        JoinGroupRequest join = new()
        {
            GroupId = "g", SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 1_000, ProtocolType = "consumer", Protocols = [new JoinGroupRequest.Protocol { Name = "range" }],
        };

        JoinGroupResponse first = await client.AskAsync<JoinGroupResponse>(JoinGroup, 9, join);
        join.MemberId = first.MemberId;
        JoinGroupResponse joined = await client.AskAsync<JoinGroupResponse>(JoinGroup, 9, join);

        Assert.Equal(KafkaError.MemberIdRequired, first.ErrorCode);
        Assert.Equal((KafkaError.None, 1, first.MemberId), (joined.ErrorCode, joined.GenerationId, joined.Leader));
        HeartbeatRequest beat = new() { GroupId = "g", GenerationId = 1, MemberId = first.MemberId };
        await Eventually.True(
            async () => (await client.AskAsync<HeartbeatResponse>(Heartbeat, 4, beat)).ErrorCode == KafkaError.UnknownMemberId, "the member that never synced is put out");
    }

    [Fact]
    public async Task Static_member_that_comes_back_keeps_its_assignment_and_fences_its_old_self()
    {
        using RawClient client = await RawClient.ConnectAsync(_broker);
        JoinGroupRequest join = new()
        {
            GroupId = "static", GroupInstanceId = "one", SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 10_000, ProtocolType = "consumer",
            Protocols = [new JoinGroupRequest.Protocol { Name = "range" }],
        };
        JoinGroupResponse before = await client.AskAsync<JoinGroupResponse>(JoinGroup, 9, join);
        SyncGroupRequest sync = new()
        {
            GroupId = "static", GroupInstanceId = "one", MemberId = before.MemberId, GenerationId = before.GenerationId, ProtocolType = "consumer", ProtocolName = "range",
            Assignments = [new SyncGroupRequest.MemberAssignment { MemberId = before.MemberId, Assignment = [1, 2, 3] }],
        };
        await client.AskAsync<SyncGroupResponse>(SyncGroup, 5, sync);

        JoinGroupResponse after = await client.AskAsync<JoinGroupResponse>(JoinGroup, 9, join);
        SyncGroupResponse old = await client.AskAsync<SyncGroupResponse>(SyncGroup, 5, sync);
        sync.MemberId = after.MemberId;
        SyncGroupResponse kept = await client.AskAsync<SyncGroupResponse>(SyncGroup, 5, sync);

        Assert.Equal((before.GenerationId, true), (after.GenerationId, after.SkipAssignment));
        Assert.NotEqual(before.MemberId, after.MemberId);
        Assert.Equal(KafkaError.FencedInstanceId, old.ErrorCode);
        Assert.Equal([1, 2, 3], kept.Assignment);
    }

    private static Task<CreateTopicsResponse> CreateAsync(RawClient client, string topic) => client.AskAsync<CreateTopicsResponse>(CreateTopics, 5, new CreateTopicsRequest
    {
        Topics = [new CreateTopicsRequest.CreatableTopic { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }],
    });

    private static ProduceRequest Write(string topic, byte[] batch, short acks) => new()
    {
        Acks = acks,
        TopicData =
        [
            new TopicOf<ProduceRequest.PartitionProduceData> { Name = topic, Partitions = [new ProduceRequest.PartitionProduceData { Records = batch }] },
        ],
    };

    private static FetchRequest Read(string topic, long offset, int maxWaitMs) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = 1,
        Topics = [new FetchRequest.FetchTopic { Topic = topic, Partitions = [new FetchRequest.FetchTopic.FetchPartition { FetchOffset = offset, PartitionMaxBytes = 100_000 }] }],
    };
}
