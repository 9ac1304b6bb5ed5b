using System.Text.Json;
using Assay.Cli.Configuration.Internal;
using Assay.Cli.Internal;
using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;

namespace Assay.Cli.Configuration;

/// <summary>Writes a configuration as the file that <see cref="ConfigurationLoader"/> reads: what it reads back is equal.</summary>
public static class ConfigurationWriter
{
    /// <summary>Replaces the file, readable by its owner alone: passwords are in it.</summary>
    public static void Write(AssayConfiguration configuration, string path) => PrivateFile.Write(path, stream => Write(configuration, stream));

    internal static void Write(AssayConfiguration configuration, Stream stream)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        WriteKafka(json, configuration);
        WriteMap(json, "chains", configuration.Chains, chain => chain.Name, WriteChain);
        WriteMap(json, "feeds", configuration.Feeds, feed => feed.Name, WriteFeed);
        WriteMap(json, "sources", configuration.Sources, source => source.Name, WriteSource);
        WriteAccuracy(json, configuration);
        WriteDatabase(json, configuration.Database);
        json.WriteEndObject();
    }

    private static void WriteKafka(Utf8JsonWriter json, AssayConfiguration configuration)
    {
        json.WriteStartObject("kafka");
        json.WriteString("bootstrap", configuration.Kafka.Bootstrap);
        json.WriteString("registry", configuration.Kafka.Registry.OriginalString);
        WriteOptional(json, "instance", configuration.Kafka.Instance);
        json.WriteStartObject("security");
        json.WriteString("protocol", Word(Mapping.Protocols, configuration.Kafka.Security));
        json.WriteString("mechanism", Word(Mapping.Mechanisms, configuration.Kafka.Mechanism));
        WriteOptional(json, "user", configuration.Kafka.User);
        WriteOptional(json, "password", configuration.Kafka.Password);
        WriteOptional(json, "certificate_authority", configuration.Kafka.CertificateAuthority);
        WriteOptional(json, "registry_user", configuration.Kafka.RegistryUser);
        WriteOptional(json, "registry_password", configuration.Kafka.RegistryPassword);
        json.WriteEndObject();
        json.WriteStartObject("topics");
        json.WriteNumber("partitions", configuration.Topics.Partitions);
        json.WriteNumber("replication", configuration.Topics.ReplicationFactor);
        json.WriteString("retention", configuration.Topics.Retention is { } kept ? DurationText.Format(kept) : "forever");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteChain(Utf8JsonWriter json, ChainOptions chain)
    {
        json.WriteNumber("id", chain.ChainId);
        json.WriteStartArray("endpoints");
        foreach (Uri endpoint in chain.Endpoints)
            json.WriteStringValue(endpoint.OriginalString);
        json.WriteEndArray();
        json.WriteNumber("max_block_range", chain.MaxBlockRange);
        json.WriteNumber("start_blocks_back", chain.StartBlocksBack);
        WriteDuration(json, "poll_every", chain.PollEvery);
    }

    private static void WriteFeed(Utf8JsonWriter json, FeedOptions feed)
    {
        json.WriteString("pair", feed.Pair);
        json.WriteString("chain", feed.Chain);
        WriteOptional(json, "proxy", feed.Proxy);
        WriteOptional(json, "aggregator", feed.Aggregator);
        WriteDuration(json, "heartbeat", feed.Heartbeat);
        json.WriteNumber("deviation_threshold", feed.DeviationThreshold);
    }

    private static void WriteSource(Utf8JsonWriter json, SourceOptions source)
    {
        WriteDuration(json, "every", source.Every);
        WriteDuration(json, "timeout", source.Timeout);
        if (source.MaxAge is { } maxAge)
            WriteDuration(json, "max_age", maxAge);
        json.WriteStartObject("headers");
        foreach ((string name, string value) in source.Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray("requests");
        foreach (RequestOptions request in source.Requests)
        {
            json.WriteStartObject();
            json.WriteString("url", request.Url.OriginalString);
            json.WriteString("event_type", request.EventType);
            WriteMap(json, "prices", request.Prices, price => price.Pair, WritePrice);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePrice(Utf8JsonWriter json, PriceOptions price)
    {
        json.WriteString("price", price.Price);
        WriteOptional(json, "time", price.Time);
    }

    private static void WriteAccuracy(Utf8JsonWriter json, AssayConfiguration configuration)
    {
        json.WriteStartObject("accuracy");
        WriteDuration(json, "window", configuration.Accuracy.Window);
        WriteDuration(json, "grace", configuration.Accuracy.Grace);
        json.WriteString("average", Word(Mapping.Averages, configuration.Accuracy.Average));
        json.WriteNumber("min_sources", configuration.Accuracy.MinSources);
        if (configuration.Accuracy.MaxAverageAge is { } maxAverageAge)
            WriteDuration(json, "max_average_age", maxAverageAge);
        WriteDuration(json, "heartbeat_slack", configuration.Accuracy.HeartbeatSlack);
        json.WriteNumber("deviation_slack", configuration.Accuracy.DeviationSlack);
        WriteDuration(json, "revise_within", configuration.Accuracy.ReviseWithin);
        json.WriteString("format", Word(Mapping.Formats, configuration.Accuracy.Format));
        json.WriteEndObject();
    }

    private static void WriteDatabase(Utf8JsonWriter json, DatabaseConnection database)
    {
        json.WriteStartObject("database");
        json.WriteString("host", database.Host);
        json.WriteNumber("port", database.Port);
        json.WriteString("name", database.Name);
        json.WriteString("user", database.User);
        WriteOptional(json, "password", database.Password);
        json.WriteString("retention", database.Retention is { } kept ? DurationText.Format(kept) : "forever");
        json.WriteEndObject();
    }

    private static void WriteMap<T>(Utf8JsonWriter json, string key, IEnumerable<T> items, Func<T, string> name, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartObject(key);
        foreach (T item in items)
        {
            json.WriteStartObject(name(item));
            write(json, item);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string key, string? value)
    {
        if (value is not null)
            json.WriteString(key, value);
    }

    private static void WriteDuration(Utf8JsonWriter json, string key, TimeSpan duration) => json.WriteString(key, DurationText.Format(duration));

    private static string Word<T>(IReadOnlyList<(string Word, T Value)> words, T value) => words.First(word => EqualityComparer<T>.Default.Equals(word.Value, value)).Word;
}
