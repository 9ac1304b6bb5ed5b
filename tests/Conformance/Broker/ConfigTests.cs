using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Settings of topics: shown, changed, taken back.</summary>
public sealed class ConfigTests(Clusters clusters)
{
    private const sbyte Topic = 2;
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    [Fact]
    public async Task Topics_have_the_settings_that_Apache_Kafkas_have()
    {
        Dictionary<Target, Dictionary<string, sbyte>> settings = [];
        foreach (Target target in Enum.GetValues<Target>())
        {
            using Client client = await clusters.ConnectAsync(target);
            settings[target] = (await DescribeAsync(client, Topic, await client.TopicAsync())).Configs.ToDictionary(each => each.Name, each => each.ConfigType);
        }

        // There is no tiered storage here.
        string[] tiered = [.. settings[Target.ApacheKafka].Keys.Where(name => name.StartsWith("local.", StringComparison.Ordinal) || name.StartsWith("remote.", StringComparison.Ordinal))];
        Assert.Equal(settings[Target.ApacheKafka].ExceptBy(tiered, each => each.Key).OrderBy(each => each.Key), settings[Target.Assay].OrderBy(each => each.Key));
    }

    [Theory]
    [OnBoth((sbyte)2, "none", KafkaError.UnknownTopicOrPartition)]
    [OnBoth((sbyte)2, "a b", KafkaError.InvalidTopic)]
    [OnBoth((sbyte)2, "", KafkaError.InvalidTopic)]
    [OnBoth((sbyte)4, "7", KafkaError.InvalidRequest)]
    [OnBoth((sbyte)4, "one", KafkaError.InvalidRequest)]
    [OnBoth((sbyte)4, "1", KafkaError.None)]
    [OnBoth((sbyte)4, "", KafkaError.None)]
    [OnBoth((sbyte)0, "1", KafkaError.InvalidRequest)]
    [OnBoth((sbyte)99, "1", KafkaError.InvalidRequest)]
    public async Task Settings_are_shown_of_what_is_there(Target target, sbyte type, string name, object error)
    {
        using Client client = await clusters.ConnectAsync(target);

        DescribeConfigsResponse.Result answer = await DescribeAsync(client, type, name == "none" ? Client.NewName() : name);

        Assert.Equal((error, type), (answer.ErrorCode, answer.ResourceType));
    }

    [Theory, OnBoth]
    public async Task Settings_say_where_they_come_from_and_only_those_asked_for_are_shown(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(1, ("cleanup.policy", "compact"));

        DescribeConfigsResponse.Result answer = await DescribeAsync(client, Topic, topic, "cleanup.policy", "delete.retention.ms", "no.such.setting");

        Assert.Equal(
            [("cleanup.policy", "compact", (sbyte)1, (sbyte)7), ("delete.retention.ms", "86400000", (sbyte)5, (sbyte)5)],
            answer.Configs.OrderBy(each => each.Name).Select(each => (each.Name, each.Value!, each.ConfigSource, each.ConfigType)));
    }

    /// <summary>Changes of a topic's settings, what they are answered, and what cleanup.policy and retention.ms are then; before, "compact" and "5000".</summary>
    private static readonly Dictionary<string, ((string Name, sbyte Operation, string? Value)[] Changes, KafkaError Error, string Policy, string Retention)> Changes = new()
    {
        ["set"] = ([("retention.ms", Set, "7000")], KafkaError.None, "compact", "7000"),
        ["set two"] = ([("retention.ms", Set, "7000"), ("cleanup.policy", Set, "delete")], KafkaError.None, "delete", "7000"),
        ["taken back"] = ([("cleanup.policy", Delete, null)], KafkaError.None, "delete", "5000"),
        ["taken back with a value"] = ([("cleanup.policy", Delete, "x")], KafkaError.None, "delete", "5000"),
        ["appended"] = ([("cleanup.policy", Append, "delete")], KafkaError.None, "compact,delete", "5000"),
        ["appended again"] = ([("cleanup.policy", Append, "compact")], KafkaError.None, "compact", "5000"),
        ["subtracted what is not in it"] = ([("cleanup.policy", Subtract, "delete")], KafkaError.None, "compact", "5000"),
        ["set to a list"] = ([("cleanup.policy", Set, "compact,delete")], KafkaError.None, "compact,delete", "5000"),
        ["nothing"] = ([], KafkaError.None, "compact", "5000"),
        ["an unknown setting"] = ([("no.such.setting", Set, "1")], KafkaError.InvalidConfig, "compact", "5000"),
        ["an unknown setting taken back"] = ([("no.such.setting", Delete, null)], KafkaError.None, "compact", "5000"),
        ["a wrong value"] = ([("retention.ms", Set, "long")], KafkaError.InvalidConfig, "compact", "5000"),
        ["no value"] = ([("retention.ms", Set, null)], KafkaError.InvalidRequest, "compact", "5000"),
        ["no value appended"] = ([("cleanup.policy", Append, null)], KafkaError.InvalidRequest, "compact", "5000"),
        ["appended to what is no list"] = ([("retention.ms", Append, "1")], KafkaError.InvalidConfig, "compact", "5000"),
        ["subtracted from what is no list"] = ([("retention.ms", Subtract, "1")], KafkaError.InvalidConfig, "compact", "5000"),
        ["appended a wrong value"] = ([("cleanup.policy", Append, "burn")], KafkaError.InvalidConfig, "compact", "5000"),
        ["a setting twice"] = ([("retention.ms", Set, "1"), ("retention.ms", Set, "2")], KafkaError.InvalidRequest, "compact", "5000"),
        ["one right and one wrong"] = ([("retention.ms", Set, "7000"), ("cleanup.policy", Set, "burn")], KafkaError.InvalidConfig, "compact", "5000"),
    };

    public static IEnumerable<string> TopicChanges => Changes.Keys;

    [Theory, OnBothWith(nameof(TopicChanges))]
    public async Task Settings_change_all_together_or_not_at_all(Target target, string what)
    {
        using Client client = await clusters.ConnectAsync(target);
        ((string Name, sbyte Operation, string? Value)[] changes, KafkaError error, string policy, string retention) = Changes[what];
        string topic = await client.TopicAsync(1, ("cleanup.policy", "compact"), ("retention.ms", "5000"));

        foreach (bool validateOnly in (bool[])[true, false])
        {
            IncrementalAlterConfigsResponse.AlterConfigsResourceResponse answer = await AlterAsync(client, Topic, topic, validateOnly, changes);

            Assert.Equal((error, Topic, topic), (answer.ErrorCode, answer.ResourceType, answer.ResourceName));
            (string, string) expected = validateOnly ? ("compact", "5000") : (policy, retention);
            await Eventually.True(async () => await PolicyAndRetentionAsync(client, topic) == expected, $"the settings are {expected}, validated only: {validateOnly}");
        }
    }

    [Theory]
    [OnBoth((sbyte)2, "none", KafkaError.UnknownTopicOrPartition)]
    [OnBoth((sbyte)2, "a b", KafkaError.InvalidTopic)]
    [OnBoth((sbyte)0, "1", KafkaError.InvalidRequest)]
    [OnBoth((sbyte)99, "1", KafkaError.InvalidRequest)]
    public async Task Settings_of_what_is_not_there_cannot_be_changed(Target target, sbyte type, string name, object error)
    {
        using Client client = await clusters.ConnectAsync(target);

        Assert.Equal(error, (await AlterAsync(client, type, name == "none" ? Client.NewName() : name, false, ("retention.ms", Set, "1"))).ErrorCode);
    }

    [Theory, OnBoth]
    public async Task Older_request_replaces_all_settings(Target target)
    {
        using Client client = await clusters.ConnectAsync(target);
        string topic = await client.TopicAsync(1, ("cleanup.policy", "compact"), ("retention.ms", "5000"));
        async Task<KafkaError> ReplaceAsync(bool validateOnly, params NamedValue[] settings) => (await client.AskAsync<AlterConfigsResponse>(new AlterConfigsRequest
        {
            ValidateOnly = validateOnly, Resources = [new AlterConfigsRequest.Resource { ResourceType = Topic, ResourceName = topic, Configs = settings }],
        })).Responses.Single().ErrorCode;

        Assert.Equal(KafkaError.None, await ReplaceAsync(true, new NamedValue { Name = "retention.ms", Value = "9000" }));
        Assert.Equal(KafkaError.InvalidConfig, await ReplaceAsync(false, new NamedValue { Name = "no.such.setting", Value = "9000" }));
        Assert.Equal(("compact", "5000"), await PolicyAndRetentionAsync(client, topic));
        Assert.Equal(KafkaError.None, await ReplaceAsync(false, new NamedValue { Name = "retention.ms", Value = "9000" }));
        await Eventually.True(async () => await PolicyAndRetentionAsync(client, topic) == ("delete", "9000"), "the settings are replaced");
    }

    private static async Task<DescribeConfigsResponse.Result> DescribeAsync(Client client, sbyte type, string name, params string[] keys) =>
        (await client.AskAsync<DescribeConfigsResponse>(new DescribeConfigsRequest
        {
            Resources = [new DescribeConfigsRequest.Resource { ResourceType = type, ResourceName = name, ConfigurationKeys = keys is [] ? null : keys }],
        })).Results.Single();

    private static async Task<(string, string)> PolicyAndRetentionAsync(Client client, string topic)
    {
        Dictionary<string, string> settings = (await DescribeAsync(client, Topic, topic, "cleanup.policy", "retention.ms")).Configs.ToDictionary(each => each.Name, each => each.Value!);
        return (settings["cleanup.policy"], settings["retention.ms"]);
    }

    private static async Task<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse> AlterAsync(
        Client client, sbyte type, string name, bool validateOnly, params (string Name, sbyte Operation, string? Value)[] changes) =>
        (await client.AskAsync<IncrementalAlterConfigsResponse>(new IncrementalAlterConfigsRequest
        {
            ValidateOnly = validateOnly,
            Resources =
            [
                new IncrementalAlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = type,
                    ResourceName = name,
                    Configs = [.. changes.Select(change => new IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig
                    {
                        Name = change.Name, ConfigOperation = change.Operation, Value = change.Value,
                    })],
                },
            ],
        })).Responses.Single();
}
