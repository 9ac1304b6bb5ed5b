using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Topics and partitions as they are made, shown and removed.</summary>
public sealed class TopicTests(Clusters clusters)
{
    /// <summary>Topics that cannot be made, by what is wrong with them.</summary>
    private static readonly Dictionary<string, (Action<CreateTopicsRequest.CreatableTopic> Spoil, KafkaError Error)> Refusals = new()
    {
        ["no name"] = (topic => topic.Name = "", KafkaError.InvalidTopic),
        ["a dot"] = (topic => topic.Name = ".", KafkaError.InvalidTopic),
        ["two dots"] = (topic => topic.Name = "..", KafkaError.InvalidTopic),
        ["a blank"] = (topic => topic.Name = "a b", KafkaError.InvalidTopic),
        ["a slash"] = (topic => topic.Name = "a/b", KafkaError.InvalidTopic),
        ["a letter beyond ASCII"] = (topic => topic.Name = "é", KafkaError.InvalidTopic),
        ["a name that is too long"] = (topic => topic.Name = new string('a', 250), KafkaError.InvalidTopic),
        ["no partitions"] = (topic => topic.NumPartitions = 0, KafkaError.InvalidPartitions),
        ["fewer than no partitions"] = (topic => topic.NumPartitions = -2, KafkaError.InvalidPartitions),
        ["no replicas"] = (topic => topic.ReplicationFactor = 0, KafkaError.InvalidReplicationFactor),
        ["more replicas than brokers"] = (topic => topic.ReplicationFactor = 2, KafkaError.InvalidReplicationFactor),
        ["counts beside an assignment"] = (topic => topic.Assignments = [Assign(0, 1)], KafkaError.InvalidRequest),
        ["an assignment to a broker that is not there"] = (topic => Assigned(topic, Assign(0, 7)), KafkaError.InvalidReplicaAssignment),
        ["an assignment to no broker"] = (topic => Assigned(topic, Assign(0)), KafkaError.InvalidReplicaAssignment),
        ["an assignment twice to a broker"] = (topic => Assigned(topic, Assign(0, 1, 1)), KafkaError.InvalidReplicaAssignment),
        ["an assignment that leaves a partition out"] = (topic => Assigned(topic, Assign(0, 1), Assign(2, 1)), KafkaError.InvalidReplicaAssignment),
        ["an assignment that begins late"] = (topic => Assigned(topic, Assign(1, 1)), KafkaError.InvalidReplicaAssignment),
        ["an assignment of a partition twice"] = (topic => Assigned(topic, Assign(0, 1), Assign(0, 1)), KafkaError.InvalidReplicaAssignment),
        ["a setting that there is not"] = (topic => topic.Configs = [new NamedValue { Name = "no.such.setting", Value = "1" }], KafkaError.InvalidConfig),
        ["a setting without a value"] = (topic => topic.Configs = [new NamedValue { Name = "retention.ms" }], KafkaError.InvalidConfig),
        ["a setting of another kind"] = (topic => topic.Configs = [new NamedValue { Name = "retention.ms", Value = "long" }], KafkaError.InvalidConfig),
        ["a setting out of its range"] = (topic => topic.Configs = [new NamedValue { Name = "retention.ms", Value = "-2" }], KafkaError.InvalidConfig),
        ["a clean-up that there is not"] = (topic => topic.Configs = [new NamedValue { Name = "cleanup.policy", Value = "burn" }], KafkaError.InvalidConfig),
        ["a codec that there is not"] = (topic => topic.Configs = [new NamedValue { Name = "compression.type", Value = "rar" }], KafkaError.InvalidConfig),
        ["a ratio over 1"] = (topic => topic.Configs = [new NamedValue { Name = "min.cleanable.dirty.ratio", Value = "1.1" }], KafkaError.InvalidConfig),
        ["no in-sync replicas"] = (topic => topic.Configs = [new NamedValue { Name = "min.insync.replicas", Value = "0" }], KafkaError.InvalidConfig),
    };

    public static IEnumerable<string> RefusedTopics => Refusals.Keys;

    [Theory, OnBothWith(nameof(RefusedTopics))]
    public async Task Topic_that_cannot_be_is_refused(Target target, string how)
    {
        using Client client = await clusters.ConnectAsync(target);
        (Action<CreateTopicsRequest.CreatableTopic> spoil, KafkaError expected) = Refusals[how];
        foreach (bool validateOnly in (bool[])[true, false])
        {
            CreateTopicsRequest.CreatableTopic topic = New();
            spoil(topic);

            CreateTopicsResponse.CreatableTopicResult answer = await CreateAsync(client, topic, validateOnly);

            Assert.Equal((expected, topic.Name, Guid.Empty, -1, (short)-1), (answer.ErrorCode, answer.Name, answer.TopicId, answer.NumPartitions, answer.ReplicationFactor));
            Assert.NotNull(answer.ErrorMessage);
        }
    }

    [Theory, OnBoth]
    public async Task Topic_is_made_once_and_its_name_is_taken_for_those_that_look_alike(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string name = Client.NewName("a.b_c");
        await client.CreateAsync(name);

        CreateTopicsRequest.CreatableTopic same = New();
        same.Name = name;
        CreateTopicsRequest.CreatableTopic alike = New();
        alike.Name = name.Replace('_', '.');

        Assert.Equal(KafkaError.TopicAlreadyExists, (await CreateAsync(client, same)).ErrorCode);
        Assert.Equal(KafkaError.TopicAlreadyExists, (await CreateAsync(client, same, validateOnly: true)).ErrorCode);
        Assert.Equal(KafkaError.InvalidTopic, (await CreateAsync(client, alike)).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Topic_that_is_only_validated_is_not_made(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        CreateTopicsRequest.CreatableTopic topic = New();

        CreateTopicsResponse.CreatableTopicResult answer = await CreateAsync(client, topic, validateOnly: true);

        Assert.Equal((KafkaError.None, 1, (short)1), (answer.ErrorCode, answer.NumPartitions, answer.ReplicationFactor));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await MetadataAsync(client, topic.Name)).ErrorCode);
    }

    [Theory, OnBoth(-1, (short)-1, 1), OnBoth(3, (short)-1, 3), OnBoth(-1, (short)1, 1)]
    public async Task Counts_that_are_left_open_are_the_brokers(Target target, int partitions, short replicas, int made)
    {
        using Client client = await clusters.ConnectAsync(target);
        CreateTopicsRequest.CreatableTopic topic = New();
        (topic.NumPartitions, topic.ReplicationFactor) = (partitions, replicas);

        CreateTopicsResponse.CreatableTopicResult answer = await CreateAsync(client, topic);

        Assert.Equal((KafkaError.None, made, (short)1), (answer.ErrorCode, answer.NumPartitions, answer.ReplicationFactor));
        Assert.NotEqual(Guid.Empty, answer.TopicId);
    }

    [Theory, OnBoth]
    public async Task Topic_is_made_as_assigned(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        CreateTopicsRequest.CreatableTopic topic = New();
        Assigned(topic, Assign(1, 1), Assign(0, 1));

        CreateTopicsResponse.CreatableTopicResult answer = await CreateAsync(client, topic);

        Assert.Equal((KafkaError.None, 2, (short)1), (answer.ErrorCode, answer.NumPartitions, answer.ReplicationFactor));
    }

    [Theory, OnBoth]
    public async Task Topic_that_is_named_twice_is_not_made_and_others_are(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        CreateTopicsRequest.CreatableTopic one = New();
        CreateTopicsRequest.CreatableTopic two = New();

        CreateTopicsResponse answer = await client.AskAsync<CreateTopicsResponse>(new CreateTopicsRequest { TimeoutMs = 10_000, Topics = [one, two, one] });

        Assert.Equal(
            new Dictionary<string, KafkaError> { [one.Name] = KafkaError.InvalidRequest, [two.Name] = KafkaError.None },
            answer.Topics.DistinctBy(each => each.Name).ToDictionary(each => each.Name, each => each.ErrorCode));
    }

    [Theory, OnBoth]
    public async Task Topics_are_deleted_by_name_and_by_id_and_made_anew_they_are_others(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string[] names = [await client.TopicAsync(), await client.TopicAsync()];
        Guid[] ids = [await client.TopicIdAsync(names[0]), await client.TopicIdAsync(names[1])];
        await client.ProduceAsync(names[0], new Batch());

        DeleteTopicsResponse answer = await DeleteAsync(client, (names[0], Guid.Empty), (null, ids[1]));

        Assert.Equal(
            [(names[0], ids[0], KafkaError.None), (names[1], ids[1], KafkaError.None)],
            answer.Responses.OrderBy(each => Array.IndexOf(names, each.Name)).Select(each => (each.Name!, each.TopicId, each.ErrorCode)));
        await Eventually.True(async () => (await MetadataAsync(client, names[0])).ErrorCode == KafkaError.UnknownTopicOrPartition, "the topic is gone");
        await client.CreateAsync(names[0]);
        Assert.NotEqual(ids[0], await client.TopicIdAsync(names[0]));
        Assert.Equal(0, (await client.OffsetAsync(names[0], -1)).Offset);
    }

    [Theory, OnBoth]
    public async Task Topic_that_is_not_there_or_not_named_cannot_be_deleted(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        Guid id = await client.TopicIdAsync(topic);

        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await DeleteAsync(client, (Client.NewName(), Guid.Empty))).Responses[0].ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicId, (await DeleteAsync(client, (null, Guid.NewGuid()))).Responses[0].ErrorCode);
        Assert.Equal(KafkaError.InvalidRequest, (await DeleteAsync(client, (null, Guid.Empty))).Responses[0].ErrorCode);
        Assert.Equal(KafkaError.InvalidRequest, (await DeleteAsync(client, (topic, id))).Responses[0].ErrorCode);
        Assert.All((await DeleteAsync(client, (topic, Guid.Empty), (topic, Guid.Empty))).Responses, each => Assert.Equal(KafkaError.InvalidRequest, each.ErrorCode));
        Assert.Equal(KafkaError.None, (await MetadataAsync(client, topic)).ErrorCode);
    }

    [Theory]
    [OnBoth(3, null, KafkaError.None)]
    [OnBoth(2, null, KafkaError.InvalidPartitions)]
    [OnBoth(1, null, KafkaError.InvalidPartitions)]
    [OnBoth(0, null, KafkaError.InvalidPartitions)]
    [OnBoth(-1, null, KafkaError.InvalidPartitions)]
    [OnBoth(4, new[] { 1, 1 }, KafkaError.None)]
    [OnBoth(4, new[] { 1 }, KafkaError.InvalidReplicaAssignment)]
    [OnBoth(3, new[] { 1, 1 }, KafkaError.InvalidReplicaAssignment)]
    [OnBoth(3, new[] { 7 }, KafkaError.InvalidReplicaAssignment)]
    public async Task Partitions_are_added_and_never_taken_away(Target target, int count, int[]? assigned, object error)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(2);
        foreach (bool validateOnly in (bool[])[true, false])
        {
            CreatePartitionsResponse answer = await GrowAsync(client, topic, count, assigned, validateOnly);

            Assert.Equal((topic, error), (answer.Results.Single().Name, answer.Results[0].ErrorCode));
            int expected = answer.Results[0].ErrorCode == KafkaError.None && !validateOnly ? count : 2;
            await Eventually.True(async () => (await MetadataAsync(client, topic)).Partitions.Length == expected, $"there are {expected} partitions");
        }
    }

    [Theory, OnBoth]
    public async Task Partitions_are_not_added_to_what_is_not_there_or_named_twice(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync();
        CreatePartitionsRequest.Topic wanted = new() { Name = topic, Count = 2 };

        CreatePartitionsResponse twice = await client.AskAsync<CreatePartitionsResponse>(new CreatePartitionsRequest { TimeoutMs = 10_000, Topics = [wanted, wanted] });

        Assert.Equal([(topic, KafkaError.InvalidRequest)], twice.Results.Select(each => (each.Name, each.ErrorCode)));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await GrowAsync(client, Client.NewName(), 2, null, false)).Results[0].ErrorCode);
    }

    private static CreateTopicsRequest.CreatableTopic New() => new() { Name = Client.NewName(), NumPartitions = 1, ReplicationFactor = 1 };

    private static CreateTopicsRequest.CreatableTopic.CreatableReplicaAssignment Assign(int partition, params int[] brokers) => new() { PartitionIndex = partition, BrokerIds = brokers };

    private static void Assigned(CreateTopicsRequest.CreatableTopic topic, params CreateTopicsRequest.CreatableTopic.CreatableReplicaAssignment[] assignments) =>
        (topic.NumPartitions, topic.ReplicationFactor, topic.Assignments) = (-1, -1, assignments);

    private static async Task<CreateTopicsResponse.CreatableTopicResult> CreateAsync(Client client, CreateTopicsRequest.CreatableTopic topic, bool validateOnly = false) =>
        (await client.AskAsync<CreateTopicsResponse>(new CreateTopicsRequest { TimeoutMs = 10_000, ValidateOnly = validateOnly, Topics = [topic] })).Topics.Single();

    private static Task<DeleteTopicsResponse> DeleteAsync(Client client, params (string? Name, Guid Id)[] topics) => client.AskAsync<DeleteTopicsResponse>(new DeleteTopicsRequest
    {
        TimeoutMs = 10_000, Topics = [.. topics.Select(topic => new DeleteTopicsRequest.DeleteTopicState { Name = topic.Name, TopicId = topic.Id })],
    });

    private static Task<CreatePartitionsResponse> GrowAsync(Client client, string topic, int count, int[]? assigned, bool validateOnly) => client.AskAsync<CreatePartitionsResponse>(new CreatePartitionsRequest
    {
        TimeoutMs = 10_000,
        ValidateOnly = validateOnly,
        Topics =
        [
            new CreatePartitionsRequest.Topic
            {
                Name = topic, Count = count, Assignments = assigned?.Select(broker => new CreatePartitionsRequest.Topic.Assignment { BrokerIds = [broker] }).ToArray(),
            },
        ],
    });

    private static async Task<MetadataResponse.Topic> MetadataAsync(Client client, string topic) =>
        (await client.AskAsync<MetadataResponse>(new MetadataRequest { AllowAutoTopicCreation = false, Topics = [new MetadataRequest.Topic { Name = topic }] })).Topics[0];
}
