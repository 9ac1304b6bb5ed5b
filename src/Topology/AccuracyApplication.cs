using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Streams;
using Microsoft.Extensions.Logging;

namespace Assay.Topology;

/// <summary>The role that judges: runs the accuracy topology on Kafka under exactly-once.</summary>
/// <remarks>Instances share the partitions as one consumer group; what they know is in the changelog, so any of them may end at any time.</remarks>
public sealed class AccuracyApplication
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly AccuracyOptions _options;
    private readonly KafkaConnection _kafka;
    private readonly TopicLayout _layout;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    /// <param name="options">What the records depend on.</param>
    /// <param name="kafka">Kafka and the schema registry.</param>
    /// <param name="layout">How often the changelog is kept; the topics themselves exist already.</param>
    /// <param name="loggers">Where it says what happens.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="UserException">The options cannot work; names the setting.</exception>
    public AccuracyApplication(
        AccuracyOptions options, KafkaConnection kafka, TopicLayout layout, ILoggerFactory loggers, TimeProvider time)
    {
        options.Check();
        _options = options;
        _kafka = kafka;
        _layout = layout;
        _loggers = loggers;
        _log = loggers.CreateLogger<AccuracyApplication>();
        _time = time;
    }

    /// <summary>Runs until cancelled; waits for a Kafka or a registry that is away.</summary>
    /// <exception cref="UserException">The registry refuses us.</exception>
    /// <exception cref="StreamsException">The topics are missing or do not fit, Kafka refuses, or a record failed for a reason that is not its own.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            for (TimeSpan pause = FirstPause; !await TryRunAsync(cancellation); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), _time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop while it waited.
        }
    }

    /// <summary>False where it had to stop because the registry does not answer.</summary>
    private async Task<bool> TryRunAsync(CancellationToken cancellation)
    {
        try
        {
            await RunOnceAsync(cancellation);
            return true;
        }
        catch (StreamsException stopped) when (RegistryFailure(stopped) is { } failure)
        {
            if (!failure.IsTransient)
                throw new UserException($"The schema registry refuses to tell a schema: {failure.Message}", failure);
            _log.RegistryAway(failure.Message);
            return false;
        }
    }

    private async Task RunOnceAsync(CancellationToken cancellation)
    {
        using SchemaRegistryClient registry = _kafka.RegistryClient(_time);
        IExceptionHandler deadLetters = AccuracyTopology.DeadLetters(_time);
        StreamsOptions options = new()
        {
            ApplicationId = AccuracyTopology.ApplicationId,
            Client = _kafka.Client("assay-topology"),
            ReplicationFactor = _layout.ReplicationFactor,
            GroupInstanceId = _kafka.Instance,
            DeserializationExceptionHandler = deadLetters,
            ProcessingExceptionHandler = deadLetters,
        };
        using KafkaStreams streams = new(AccuracyTopology.Build(_options, registry), options, _loggers, _time);
        await streams.RunAsync(cancellation);
    }

    private static SchemaRegistryException? RegistryFailure(Exception? exception)
    {
        while (exception is not (null or SchemaRegistryException))
            exception = exception.InnerException;
        return exception as SchemaRegistryException;
    }
}
