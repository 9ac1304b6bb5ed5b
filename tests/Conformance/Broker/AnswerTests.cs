using System.Text.RegularExpressions;
using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>An ordinary request of each kind in each version: read to its last byte, and the answer compared with Apache Kafka's, field by field.</summary>
public sealed partial class AnswerTests(Clusters clusters)
{
    public static IEnumerable<TheoryDataRow<string>> Requests => RequestTable.All.Select(handler => new TheoryDataRow<string>(handler.Name));

    [Theory, MemberData(nameof(Requests))]
    public Task Request_is_answered_without_error_in_each_version(string name) => InEachVersionAsync(name, async version =>
    {
        string answer = await AnswerAsync(Target.Assay, name, version, Names.New());

        string sound = $"ErrorCode: {(name.StartsWith("Sasl", StringComparison.Ordinal) ? KafkaError.IllegalSaslState : KafkaError.None)}";
        Assert.DoesNotContain("ErrorCode: ", answer.Replace(sound, "", StringComparison.Ordinal), StringComparison.Ordinal);
    });

    [Theory, MemberData(nameof(DefinitionTests.Requests), MemberType = typeof(DefinitionTests))]
    public Task Request_is_answered_in_each_version_as_Apache_Kafka_does(string name) => InEachVersionAsync(name, async version =>
    {
        Names names = Names.New();

        string theirs = await AnswerAsync(Target.ApacheKafka, name, version, names);
        string ours = await AnswerAsync(Target.Assay, name, version, names);

        Assert.True(theirs == ours, $"Version {version} of {name}: Apache Kafka answers\n{theirs}\nwe answer\n{ours}");
    });

    private static Task InEachVersionAsync(string name, Func<short, Task> check)
    {
        RequestHandler handler = RequestTable.All.Single(each => each.Name == name);
        return Task.WhenAll(Enumerable.Range(handler.Lowest, handler.Highest - handler.Lowest + 1).Select(version => check((short)version)));
    }

    private async Task<string> AnswerAsync(Target target, string name, short version, Names names)
    {
        using Client client = await clusters.ConnectAsync(target);
        IMessage answer = await new Exchange(client, names, version).AskAsync(name);
        return Uuids().Replace(MessageText.Of(answer, Plain), "<uuid>");
    }

    /// <summary>Shows what differs from broker to broker by its kind only.</summary>
    private static string? Plain(Type message, string field, object? value) => (field, value) switch
    {
        ("Port", > 0) or ("ProducerId", >= 0L) or ("ClusterId", string) or ("LogDir", string) => "<some>",
        ("ClientHost", string host) => host.TrimStart('/').StartsWith("127.0.0.1", StringComparison.Ordinal) ? "<some>" : null,
        ("TransactionStartTimeMs" or "LastTimestamp", > 0L) or ("TotalBytes" or "UsableBytes", not 0L) => "<some>",
        ("TopicId", Guid id) => id == Guid.Empty ? "none" : "<some>",
        // It is for people, and Apache Kafka sends one where there is no error too.
        ("ErrorMessage", _) => "<any>",
        // Of a producer whose transaction has no marker yet it is −1 there; we do not keep it.
        ("CoordinatorEpoch", _) => "<any>",
        // The names of the broker's own settings.
        ("Name", string) when message == typeof(DescribeConfigsResponse.Result.ResourceResult.Synonym) => "<some>",
        // Our defaults keep event times for ever; ConfigTests compares names and kinds.
        ("Configs", CreateTopicsResponse.CreatableTopicResult.CreatableTopicConfigs[]) => "<some>",
        _ => null,
    };

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuids();
}
