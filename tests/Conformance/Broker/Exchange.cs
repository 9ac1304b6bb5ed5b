using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Names of one exchange, the same on both brokers.</summary>
internal sealed record Names(string Topic, string Group, string Transaction)
{
    public static Names New() => new(Client.NewName("topic"), Client.NewName("group"), Client.NewName("transaction"));
}

/// <summary>
/// One ordinary request of each kind, in any version, put to a broker that was made ready for it: a topic with three records in two partitions, a group whose only member is
/// settled and has committed, a transaction that has written.
/// </summary>
internal sealed class Exchange(Client client, Names names, short version)
{
    private static readonly string[] Asked = ["cleanup.policy", "max.message.bytes"];

    /// <summary>Asks the request of that name.</summary>
    public async Task<IMessage> AskAsync(string name)
    {
        await client.CreateAsync(names.Topic, 2, ("max.message.bytes", "1048588"));
        await client.ProduceAsync(names.Topic, new Batch { Records = 3 }, partition: 0);
        return name switch
        {
            "Produce" => await Ask<ProduceResponse>(Records.Write(names.Topic, new Batch().ToBytes())),
            "Fetch" => await Ask<FetchResponse>(await FetchAsync()),
            "ListOffsets" => await Ask<ListOffsetsResponse>(new ListOffsetsRequest { ReplicaId = -1, Topics = [Of(new ListOffsetsRequest.Partition { Timestamp = -1 })] }),
            "Metadata" => await Ask<MetadataResponse>(new MetadataRequest
            {
                IncludeClusterAuthorizedOperations = true, IncludeTopicAuthorizedOperations = true, Topics = [new MetadataRequest.Topic { Name = names.Topic }],
            }),
            "OffsetCommit" => await Ask<OffsetCommitResponse>(Commit(await JoinedAsync())),
            "OffsetFetch" => await Ask<OffsetFetchResponse>(await CommittedAsync()),
            "FindCoordinator" => await Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { Key = names.Group, CoordinatorKeys = [names.Group] }),
            "JoinGroup" => await JoinAsync(),
            "Heartbeat" => await Ask<HeartbeatResponse>((await JoinedAsync()).HeartbeatRequest()),
            "LeaveGroup" => await Ask<LeaveGroupResponse>((await JoinedAsync()).LeaveRequest()),
            "SyncGroup" => await Ask<SyncGroupResponse>((await JoinedAsync()).SyncRequest()),
            "DescribeGroups" => await Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { IncludeAuthorizedOperations = true, Groups = [(await JoinedAsync()).Group] }),
            "ListGroups" => Only(await Ask<ListGroupsResponse>(new ListGroupsRequest()), await JoinedAsync()),
            "ApiVersions" => Served(await Ask<ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "assay", ClientSoftwareVersion = "1" })),
            // This listener asks for no authentication, so there is none to begin.
            "SaslHandshake" => await Ask<SaslHandshakeResponse>(new SaslHandshakeRequest { Mechanism = "PLAIN" }),
            "SaslAuthenticate" => await Ask<SaslAuthenticateResponse>(new SaslAuthenticateRequest()),
            "CreateTopics" => await Ask<CreateTopicsResponse>(Create()),
            "DeleteTopics" => await Ask<DeleteTopicsResponse>(new DeleteTopicsRequest { TimeoutMs = 10_000, TopicNames = [names.Topic], Topics = [new DeleteTopicsRequest.DeleteTopicState { Name = names.Topic }] }),
            "DeleteRecords" => await Ask<DeleteRecordsResponse>(new DeleteRecordsRequest { TimeoutMs = 10_000, Topics = [Of(new DeleteRecordsRequest.Partition { Offset = 2 })] }),
            "InitProducerId" => await Ask<InitProducerIdResponse>(new InitProducerIdRequest { TransactionalId = names.Transaction, TransactionTimeoutMs = 10_000 }),
            "OffsetForLeaderEpoch" => await Ask<OffsetForLeaderEpochResponse>(new OffsetForLeaderEpochRequest { Topics = [Of(new OffsetForLeaderEpochRequest.OffsetForLeaderPartition())] }),
            "AddPartitionsToTxn" => await Ask<AddPartitionsToTxnResponse>((await Producer.StartAsync(client, names.Transaction)).AddRequest(names.Topic)),
            "AddOffsetsToTxn" => await Ask<AddOffsetsToTxnResponse>((await Producer.StartAsync(client, names.Transaction)).AddGroupRequest(names.Group)),
            "EndTxn" => await Ask<EndTxnResponse>((await WrittenAsync()).EndRequest(commit: true)),
            "TxnOffsetCommit" => await Ask<TxnOffsetCommitResponse>(await OffsetsAsync()),
            "DescribeConfigs" => await Ask<DescribeConfigsResponse>(
                new DescribeConfigsRequest { IncludeSynonyms = true, Resources = [new DescribeConfigsRequest.Resource { ResourceType = 2, ResourceName = names.Topic, ConfigurationKeys = Asked }] }),
            "AlterConfigs" => await Ask<AlterConfigsResponse>(
                new AlterConfigsRequest { Resources = [new AlterConfigsRequest.Resource { ResourceType = 2, ResourceName = names.Topic, Configs = [new NamedValue { Name = "retention.ms", Value = "5000" }] }] }),
            "DescribeLogDirs" => await Ask<DescribeLogDirsResponse>(new DescribeLogDirsRequest { Topics = [new TopicPartitions { Name = names.Topic, Partitions = [0] }] }),
            "CreatePartitions" => await Ask<CreatePartitionsResponse>(
                new CreatePartitionsRequest { TimeoutMs = 10_000, Topics = [new CreatePartitionsRequest.Topic { Name = names.Topic, Count = 3 }] }),
            "DeleteGroups" => await Ask<DeleteGroupsResponse>(await LeftAsync()),
            "IncrementalAlterConfigs" => await Ask<IncrementalAlterConfigsResponse>(Increment()),
            "OffsetDelete" => await Ask<OffsetDeleteResponse>(await DeleteOffsetAsync()),
            "DescribeCluster" => await Ask<DescribeClusterResponse>(new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true }),
            "DescribeProducers" => await Ask<DescribeProducersResponse>(await ProducersAsync()),
            "DescribeTransactions" => await Ask<DescribeTransactionsResponse>(new DescribeTransactionsRequest { TransactionalIds = [(await WrittenAsync()).Id] }),
            "ListTransactions" => Only(await WrittenAsync(), await Ask<ListTransactionsResponse>(new ListTransactionsRequest())),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No exchange is written for this request."),
        };
    }

    private Task<TResponse> Ask<TResponse>(IMessage request) where TResponse : IMessage, new() => client.AskAsync<TResponse>(request, version);

    private TopicOf<T> Of<T>(T partition) where T : IMessage, new() => new() { Name = names.Topic, Partitions = [partition] };

    private async Task<FetchRequest> FetchAsync()
    {
        FetchRequest request = Records.Read(names.Topic, 0);
        request.Topics[0].TopicId = await client.TopicIdAsync(names.Topic);
        return request;
    }

    private async Task<Member> JoinedAsync() => await Member.SettleAsync(client, names.Group);

    private async Task<JoinGroupResponse> JoinAsync()
    {
        Member member = new(client, names.Group) { Metadata = [7] };
        JoinGroupResponse answer = await Ask<JoinGroupResponse>(member.JoinRequest());
        member.Id = answer.MemberId;
        return answer.ErrorCode == KafkaError.MemberIdRequired ? await Ask<JoinGroupResponse>(member.JoinRequest()) : answer;
    }

    private OffsetCommitRequest Commit(Member member) => new()
    {
        GroupId = names.Group, MemberId = member.Id, GenerationIdOrMemberEpoch = member.Generation,
        Topics = [Of(new OffsetCommitRequest.Partition { CommittedOffset = 2, CommittedMetadata = "a" })],
    };

    private async Task<OffsetFetchRequest> CommittedAsync()
    {
        Member member = await JoinedAsync();
        await client.AskAsync<OffsetCommitResponse>(Commit(member));
        await member.LeaveAsync();
        TopicPartitions[] wanted = [new TopicPartitions { Name = names.Topic, Partitions = [0, 1] }];
        return new OffsetFetchRequest { GroupId = names.Group, Topics = wanted, Groups = [new OffsetFetchRequest.Group { GroupId = names.Group, Topics = wanted }] };
    }

    private async Task<DeleteGroupsRequest> LeftAsync()
    {
        await (await JoinedAsync()).LeaveAsync();
        return new DeleteGroupsRequest { GroupsNames = [names.Group] };
    }

    private async Task<OffsetDeleteRequest> DeleteOffsetAsync()
    {
        await CommittedAsync();
        return new OffsetDeleteRequest { GroupId = names.Group, Topics = [new TopicPartitions { Name = names.Topic, Partitions = [0] }] };
    }

    private CreateTopicsRequest Create() => new()
    {
        TimeoutMs = 10_000,
        Topics = [new CreateTopicsRequest.CreatableTopic { Name = names.Topic + "-more", NumPartitions = 2, ReplicationFactor = 1, Configs = [new NamedValue { Name = "retention.ms", Value = "-1" }] }],
    };

    private IncrementalAlterConfigsRequest Increment() => new()
    {
        Resources =
        [
            new IncrementalAlterConfigsRequest.AlterConfigsResource
            {
                ResourceType = 2, ResourceName = names.Topic, Configs = [new IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig { Name = "retention.ms", Value = "7000" }],
            },
        ],
    };

    private async Task<Producer> WrittenAsync()
    {
        Producer producer = await Producer.StartAsync(client, names.Transaction);
        await producer.SendAsync(names.Topic, records: 2);
        return producer;
    }

    private async Task<DescribeProducersRequest> ProducersAsync()
    {
        await WrittenAsync();
        return new DescribeProducersRequest { Topics = [new TopicPartitions { Name = names.Topic, Partitions = [0] }] };
    }

    private async Task<TxnOffsetCommitRequest> OffsetsAsync()
    {
        Producer producer = await Producer.StartAsync(client, names.Transaction);
        await client.AskAsync<AddOffsetsToTxnResponse>(producer.AddGroupRequest(names.Group));
        return producer.OffsetsRequest(names.Group, names.Topic, 2);
    }

    private static ListGroupsResponse Only(ListGroupsResponse all, Member member)
    {
        all.Groups = [.. all.Groups.Where(group => group.GroupId == member.Group)];
        return all;
    }

    private static ListTransactionsResponse Only(Producer producer, ListTransactionsResponse all)
    {
        all.TransactionStates = [.. all.TransactionStates.Where(each => each.TransactionalId == producer.Id)];
        return all;
    }

    /// <summary>The ranges in which our broker serves, as Apache Kafka serves more.</summary>
    private static ApiVersionsResponse Served(ApiVersionsResponse all)
    {
        all.ApiKeys =
        [
            .. RequestTable.All.Where(handler => all.ApiKeys.Any(range => range.ApiKey == handler.Key && range.MinVersion <= handler.LowestAdvertised && range.MaxVersion >= handler.Highest))
                .Select(handler => new ApiVersionsResponse.ApiVersion { ApiKey = handler.Key }),
        ];
        return all;
    }
}
