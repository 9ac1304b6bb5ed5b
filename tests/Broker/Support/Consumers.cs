using Confluent.Kafka;

namespace Assay.Broker.Tests.Support;

/// <summary>Reads topics with librdkafka.</summary>
internal static class Consumers
{
    public static IConsumer<string, string> Make(string bootstrap, string group, IsolationLevel isolation) => Make(new ClientConfig { BootstrapServers = bootstrap }, group, isolation);

    public static IConsumer<string, string> Make(ClientConfig config, string group, IsolationLevel isolation = IsolationLevel.ReadCommitted) => new ConsumerBuilder<string, string>(
        // A configuration that is made from another shares its settings: what is set here would be set there too, by several threads at once.
        new ConsumerConfig(new Dictionary<string, string>(config)) { GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, IsolationLevel = isolation, EnableAutoCommit = false })
        .SetLogHandler((_, _) => { }).Build();

    /// <summary>Up to so many records of a topic through a consumer group, in the order they came; fewer when the time is up.</summary>
    public static List<ConsumeResult<string, string>> Read(
        string bootstrap, string topic, int count, string group = "readers", IsolationLevel isolation = IsolationLevel.ReadCommitted, int seconds = 20)
    {
        using IConsumer<string, string> consumer = Make(bootstrap, group, isolation);
        consumer.Subscribe(topic);
        List<ConsumeResult<string, string>> read = [];
        DateTimeOffset until = TimeProvider.System.GetUtcNow().AddSeconds(seconds);
        while (read.Count < count && TimeProvider.System.GetUtcNow() < until)
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } result)
                read.Add(result);
        consumer.Close();
        return read;
    }
}
