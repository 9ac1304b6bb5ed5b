using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>What a broker says of itself and of what it holds.</summary>
public sealed class ClusterTests(Clusters clusters)
{
    [Theory, OnBoth]
    public async Task Metadata_names_the_topics_that_are_asked_for_none_or_all(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();

        MetadataResponse all = await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = null });
        MetadataResponse none = await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = [] });
        MetadataResponse allOnce = await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = [] }, 0);

        Assert.Contains(all.Topics, each => each.Name == topic);
        Assert.Empty(none.Topics);
        Assert.Contains(allOnce.Topics, each => each.Name == topic);
        Assert.Single(none.Brokers);
    }

    [Theory, OnBoth]
    public async Task Metadata_finds_a_topic_by_its_id(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        Guid id = await client.TopicIdAsync(topic);

        MetadataResponse answer = await client.AskAsync<MetadataResponse>(new MetadataRequest
        {
            AllowAutoTopicCreation = false, Topics = [new MetadataRequest.Topic { TopicId = id }, new MetadataRequest.Topic { TopicId = new Guid("00000000-0000-0000-0000-0000000000ff") }],
        });

        Assert.Equal(
            [(KafkaError.None, topic, 2), (KafkaError.UnknownTopicId, null, 0)],
            answer.Topics.OrderBy(each => each.ErrorCode).Select(each => (each.ErrorCode, each.Name, each.Partitions.Length)));
    }

    [Theory, OnBoth]
    public async Task Topic_that_is_not_there_is_made_where_the_client_allows_it(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        MetadataRequest request = new() { AllowAutoTopicCreation = false, Topics = [new MetadataRequest.Topic { Name = Client.NewName() }] };

        MetadataResponse refused = await client.AskAsync<MetadataResponse>(request);
        request.AllowAutoTopicCreation = true;
        MetadataResponse made = await client.AskUntilAsync<MetadataResponse>(request, answer => answer.Topics[0].ErrorCode == KafkaError.None);

        Assert.Equal(KafkaError.UnknownTopicOrPartition, refused.Topics[0].ErrorCode);
        Assert.Single(made.Topics[0].Partitions);
    }

    [Theory, OnBoth("a b"), OnBoth(""), OnBoth("..")]
    public async Task Name_that_is_none_is_not_made_a_topic(Target target, string name)
    {
        using Client client = await clusters.ConnectAsync(target);

        MetadataResponse answer = await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.Topic { Name = name }] });

        Assert.Equal((KafkaError.InvalidTopic, 0), (answer.Topics[0].ErrorCode, answer.Topics[0].Partitions.Length));
    }

    [Theory, OnBoth((sbyte)1, KafkaError.None, 1), OnBoth((sbyte)2, KafkaError.MismatchedEndpointType, 0), OnBoth((sbyte)9, KafkaError.UnsupportedEndpointType, 0)]
    public async Task Cluster_is_described_to_those_who_ask_a_broker_for_brokers(Target target, sbyte endpoint, object error, int brokers)
    {
        using Client client = await clusters.ConnectAsync(target);

        DescribeClusterResponse answer = await client.AskAsync<DescribeClusterResponse>(new DescribeClusterRequest { EndpointType = endpoint });

        Assert.Equal((error, brokers), (answer.ErrorCode, answer.Brokers.Length));
    }

    [Theory, OnBoth]
    public async Task One_id_stands_for_the_cluster_in_every_answer(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);

        DescribeClusterResponse described = await client.AskAsync<DescribeClusterResponse>(new DescribeClusterRequest());
        MetadataResponse metadata = await client.AskAsync<MetadataResponse>(new MetadataRequest { Topics = [] });

        Assert.Equal((metadata.ClusterId, 22), (described.ClusterId, described.ClusterId.Length));
        Assert.Equal(
            (metadata.Brokers[0].NodeId, metadata.Brokers[0].Host, metadata.Brokers[0].Port), (described.Brokers[0].BrokerId, described.Brokers[0].Host, described.Brokers[0].Port));
        Assert.Equal(client.Bootstrap, $"{metadata.Brokers[0].Host}:{metadata.Brokers[0].Port}");
    }

    [Theory, OnBoth((sbyte)0, KafkaError.None), OnBoth((sbyte)1, KafkaError.None), OnBoth((sbyte)9, KafkaError.InvalidRequest)]
    public async Task Coordinators_are_found_for_groups_and_transactions(Target target, sbyte kind, object error)
    {
        using Client client = await clusters.ConnectAsync(target);

        FindCoordinatorResponse many = await client.AskAsync<FindCoordinatorResponse>(new FindCoordinatorRequest { KeyType = kind, CoordinatorKeys = ["a", "b"] });
        FindCoordinatorResponse one = await client.AskAsync<FindCoordinatorResponse>(new FindCoordinatorRequest { KeyType = kind, Key = "a" }, 3);

        Assert.Equal(["a", "b"], many.Coordinators.Select(each => each.Key).Order());
        bool found = one.ErrorCode == KafkaError.None;
        foreach (var (code, node, host, port) in many.Coordinators.Select(each => (each.ErrorCode, each.NodeId, each.Host, each.Port)).Append((one.ErrorCode, one.NodeId, one.Host, one.Port)))
            Assert.Equal((error, found ? 1 : -1, found ? client.Bootstrap : ":-1"), (code, node, $"{host}:{port}"));
    }

    [Theory, OnBoth]
    public async Task Log_directories_are_described_with_the_partitions_asked_for_or_all(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        int size = new Batch().ToBytes().Length;
        await client.ProduceAsync(topic, new Batch(), partition: 1);

        async Task<List<(int, long, bool)>> AskAsync(TopicPartitions[]? topics)
        {
            DescribeLogDirsResponse answer = await client.AskAsync<DescribeLogDirsResponse>(new DescribeLogDirsRequest { Topics = topics });
            Assert.Equal((KafkaError.None, KafkaError.None, 0L), (answer.ErrorCode, answer.Results.Single().ErrorCode, answer.Results[0].Topics.SelectMany(each => each.Partitions).Sum(each => each.OffsetLag)));
            return [.. answer.Results[0].Topics.Where(each => each.Name == topic).SelectMany(each => each.Partitions).OrderBy(each => each.PartitionIndex).Select(each => (each.PartitionIndex, each.PartitionSize, each.IsFutureKey))];
        }

        Assert.Equal([(0, 0, false), (1, size, false)], await AskAsync(null));
        Assert.Equal([(1, size, false)], await AskAsync([new TopicPartitions { Name = topic, Partitions = [1, 5] }]));
        Assert.Equal([], await AskAsync([new TopicPartitions { Name = Client.NewName(), Partitions = [0] }]));
        Assert.Equal([], await AskAsync([]));
    }
}
