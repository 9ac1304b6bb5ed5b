using Assay.Avro.Registry;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Sink.Internal;

/// <summary>A time during which something this role needs does not work: each cause is said once, the end is said once, and it is waited through with growing pauses.</summary>
internal sealed class Outage(ILogger logger, string database, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> said = [];
    private long since;
    private TimeSpan pause = FirstPause;

    /// <summary>Notes a failed attempt.</summary>
    /// <returns>How long to wait before the next.</returns>
    public TimeSpan Failed(Exception failure)
    {
        if (said.Count == 0)
            since = time.GetTimestamp();
        string sentence = failure switch
        {
            SchemaRegistryException or SchemaBehindException => failure.Message,
            KafkaException kafka => $"Kafka does not take dead letters ({kafka.Error.Reason}).",
            _ => $"The {database} {DatabaseFailures.Describe(failure)}.",
        };
        if (said.Add(DatabaseFailures.Cause(failure)))
            Log.Waiting(logger, sentence);
        TimeSpan now = pause * (0.5 + Random.Shared.NextDouble());
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        return now;
    }

    /// <summary>Notes a success.</summary>
    public void Over()
    {
        if (said.Count == 0)
            return;
        Log.GoingOn(logger, time.GetElapsedTime(since).TotalSeconds);
        said.Clear();
        pause = FirstPause;
    }

    /// <summary>Whether a failure is one that passes by itself or is mended elsewhere, so that waiting is right.</summary>
    public static bool Passes(Exception failure) =>
        failure is NpgsqlException or SchemaBehindException or SchemaRegistryException or KafkaException or TimeoutException or IOException or System.Net.Sockets.SocketException;
}
