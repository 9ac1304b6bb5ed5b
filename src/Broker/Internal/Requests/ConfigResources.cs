using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>What the requests that describe and alter configurations share: the resources they name, and where a value comes from.</summary>
internal static class ConfigResources
{
    public const sbyte Topic = 2;
    public const sbyte Broker = 4;
    private const sbyte FromTopic = 1;
    public const sbyte FromDefault = 5;

    public static sbyte Source(TopicConfig config, string name) => config.Set.ContainsKey(name) ? FromTopic : FromDefault;

    /// <summary>Applies changes to a topic's settings (a null value takes the setting back), or says why not.</summary>
    public static (KafkaError Error, string? Reason) Alter(
        sbyte type, string name, Func<IReadOnlyDictionary<string, string>, SettingsChange> change, bool validateOnly, RequestContext context)
    {
        if (type != Topic)
            return (KafkaError.InvalidRequest, "Only topics can be configured here; the broker takes its settings when it starts.");
        if (TopicCatalog.NameProblem(name) is { } nameProblem)
            return (KafkaError.InvalidTopic, nameProblem);
        if (context.Node.Topics.Find(name) is not { } topic)
            return (KafkaError.UnknownTopicOrPartition, $"There is no topic '{name}'.");
        (KafkaError error, string? problem, Dictionary<string, string> settings) = change(topic.Config.Set);
        if (error != KafkaError.None)
            return (error, problem);
        foreach ((string key, string value) in settings)
            if (TopicConfig.Problem(key, value) is { } wrong)
                return (KafkaError.InvalidConfig, wrong);
        if (!validateOnly)
            context.Node.Topics.Configure(topic, settings);
        return (KafkaError.None, null);
    }
}

/// <summary>A topic's settings as they are to be, or why they cannot be.</summary>
internal readonly record struct SettingsChange(KafkaError Error, string? Problem, Dictionary<string, string> Settings)
{
    public SettingsChange(Dictionary<string, string> settings) : this(KafkaError.None, null, settings)
    {
    }

    public SettingsChange(KafkaError error, string? problem) : this(error, problem, [])
    {
    }
}
