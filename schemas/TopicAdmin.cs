using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Assay.Schemas;

/// <summary>Creates Assay's topics where they are missing and checks those that are there.</summary>
public static class TopicAdmin
{
    private static readonly string[] All = [Topics.Contracts, Topics.Apis, Topics.Accuracy, Topics.DeadLetters];
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Returns once all topics exist; waits, with back-off, for a Kafka that does not answer, and says so once.</summary>
    /// <exception cref="UserException">Kafka refuses the layout, or <c>contracts</c> and <c>apis</c> have different partition counts.</exception>
    public static async Task EnsureAsync(
        KafkaConnection connection, TopicLayout layout, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        // The client logs each failed connection to stderr by itself; one sentence of ours says the same.
        using IAdminClient admin = new AdminClientBuilder(connection.Client("assay-admin")).SetLogHandler((_, _) => { }).Build();
        TimeSpan pause = TimeSpan.FromMilliseconds(200);
        bool said = false;
        while (true)
        {
            try
            {
                await CreateAsync(admin, layout).WaitAsync(cancellationToken);
                await CheckAsync(admin).WaitAsync(cancellationToken);
                return;
            }
            catch (KafkaException failure) when (failure.Error.Code is not (ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication))
            {
                if (!said)
                    Log.KafkaUnreachable(logger, connection.Bootstrap, failure.Error.Reason);
                said = true;
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (KafkaException failure)
            {
                throw new UserException(
                    $"Kafka at {connection.Bootstrap} refuses the user '{connection.User}': {failure.Error.Reason}; check kafka.security and its password in the environment.", failure);
            }
        }
    }

    private static async Task CreateAsync(IAdminClient admin, TopicLayout layout)
    {
        string retention = layout.Retention is { } kept ? ((long)kept.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : "-1";
        IEnumerable<TopicSpecification> topics = All.Select(name => new TopicSpecification
        {
            Name = name,
            NumPartitions = layout.Partitions,
            ReplicationFactor = layout.ReplicationFactor,
            Configs = new() { ["retention.ms"] = retention },
        });
        try
        {
            await admin.CreateTopicsAsync(topics, new CreateTopicsOptions { RequestTimeout = RequestBound, OperationTimeout = RequestBound });
        }
        catch (CreateTopicsException failure)
        {
            foreach (CreateTopicReport report in failure.Results)
            {
                switch (report.Error.Code)
                {
                    case ErrorCode.NoError or ErrorCode.TopicAlreadyExists:
                        break;
                    case ErrorCode.InvalidPartitions or ErrorCode.InvalidReplicationFactor or ErrorCode.PolicyViolation or ErrorCode.TopicAuthorizationFailed
                        or ErrorCode.ClusterAuthorizationFailed:
                        throw new UserException(
                            $"Kafka refuses to create the topic '{report.Topic}' with {layout.Partitions} partitions and replication factor {layout.ReplicationFactor}: " +
                            $"{report.Error.Reason}; mend kafka.topics in the configuration, or create the topic yourself.", failure);
                    default:
                        throw new KafkaException(report.Error, failure);
                }
            }
        }
    }

    private static async Task CheckAsync(IAdminClient admin)
    {
        DescribeTopicsResult found;
        try
        {
            found = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([Topics.Contracts, Topics.Apis]), new DescribeTopicsOptions { RequestTimeout = RequestBound });
        }
        catch (DescribeTopicsException failure)
        {
            // A topic that was created a moment ago may not be known everywhere yet.
            throw new KafkaException(failure.Results.TopicDescriptions.First(topic => topic.Error.IsError).Error, failure);
        }
        int contracts = found.TopicDescriptions.Single(topic => topic.Name == Topics.Contracts).Partitions.Count;
        int apis = found.TopicDescriptions.Single(topic => topic.Name == Topics.Apis).Partitions.Count;
        if (contracts != apis)
        {
            throw new UserException(
                $"The topic '{Topics.Contracts}' has {contracts} partitions and '{Topics.Apis}' has {apis}, so a pair's answers and quotes would not meet; " +
                "give both the same number with kafka-topics.sh --alter.");
        }
    }
}
