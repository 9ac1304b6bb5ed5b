using Assay.Avro.Registry;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Cli.Tail;
using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Assay.Cli.Check;

/// <summary>Asks everything that the configuration names once, all at the same time; nothing is changed anywhere.</summary>
internal sealed class ConfigurationCheck(AssayConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>In the order servers, feeds, sources.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        // These judge the whole: what they refuse, no role starts with.
        configuration.Judged().Check();
        ContractIngest contracts = new(configuration.Chains, configuration.Feeds, configuration.Kafka, loggers, time);
        ApiIngest apis = new(configuration.Sources, configuration.Kafka, loggers, time);
        Task<IReadOnlyList<CheckResult>>[] checks =
        [
            OneAsync("Kafka", configuration.Kafka.Bootstrap, KafkaAsync, cancellationToken),
            OneAsync("registry", configuration.Kafka.Registry.GetLeftPart(UriPartial.Path), RegistryAsync, cancellationToken),
            OneAsync("database", configuration.Database.ToString(), DatabaseAsync, cancellationToken),
            FeedsAsync(contracts, cancellationToken),
            SourcesAsync(apis, cancellationToken),
        ];
        return [.. (await Task.WhenAll(checks)).SelectMany(results => results)];
    }

    private Task<string> KafkaAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using IAdminClient admin = new AdminClientBuilder(configuration.Kafka.Client("assay-check")).SetLogHandler((_, _) => { }).Build();
            Metadata metadata;
            try
            {
                metadata = admin.GetMetadata(TimeSpan.FromSeconds(10));
            }
            catch (KafkaException failure)
            {
                throw new UserException($"does not answer ({failure.Error.Reason}); is it running, and is kafka.bootstrap right?", failure);
            }
            string[] missing = [.. new[] { Topics.Contracts, Topics.Apis, Topics.Accuracy, Topics.DeadLetters }.Except(metadata.Topics.Select(topic => topic.Topic))];
            return $"{metadata.Brokers.Count} broker{(metadata.Brokers.Count == 1 ? "" : "s")}; " +
                (missing.Length == 0 ? "all topics are there" : $"the roles will create {string.Join(", ", missing)}");
        },
        cancellationToken);

    private async Task<string> RegistryAsync(CancellationToken cancellationToken)
    {
        KafkaConnection kafka = configuration.Kafka;
        using SchemaRegistryClient registry = kafka.RegistryClient(time, attempts: 1);
        foreach ((string topic, Avro.AvroSchema schema) in new (string, Avro.AvroSchema)[] { (Topics.Contracts, ContractPrice.Schema), (Topics.Apis, ApiPrice.Schema) })
        {
            if (!await registry.IsCompatibleAsync($"{topic}-value", schema, cancellationToken))
                throw new UserException($"the subject {topic}-value has a schema that ours is not compatible with; use another registry, or delete the subject.");
        }
        return "our schemas fit";
    }

    private async Task<string> DatabaseAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(configuration.Database.ConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using NpgsqlCommand timescale = new("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'", connection);
        object? version = await timescale.ExecuteScalarAsync(cancellationToken);
        return $"PostgreSQL {connection.PostgreSqlVersion}" + (version is string found ? $" with TimescaleDB {found}" : " without TimescaleDB: plain tables");
    }

    private async Task<IReadOnlyList<CheckResult>> FeedsAsync(ContractIngest contracts, CancellationToken cancellationToken) =>
        [.. (await contracts.ResolveAsync(cancellationToken)).Select(feed => new CheckResult("feed", feed.Feed, feed.Problem is null, Sentence(feed)))];

    private string Sentence(FeedResolution feed)
    {
        if (feed.Problem is { } problem)
            return problem;
        string answer = feed is { LatestAnswer: { } latest, Decimals: { } decimals, LatestUpdatedAt: { } updatedAt }
            ? $"{(double)latest / Math.Pow(10, decimals):0.########}, {(time.GetUtcNow() - updatedAt).TotalSeconds:0} s old"
            : "no answer yet";
        return $"{feed.Description} on {feed.Chain}: {answer}, from {feed.Aggregator}";
    }

    private static async Task<IReadOnlyList<CheckResult>> SourcesAsync(ApiIngest apis, CancellationToken cancellationToken) =>
        [.. (await apis.CheckAsync(cancellationToken)).Select(source => new CheckResult("source", $"{source.Source} {source.EventType}", source.Ok, Sentence(source)))];

    private static string Sentence(SourceCheck source) => source.Problem ?? string.Join(", ", source.Prices.Select(price =>
        price.Problem ?? $"{price.Pair} {PlainDecimal.Of(price.Price!.Value)}" + (price.QuotedAt is { } quoted ? $" of {quoted:HH:mm:ss}Z" : "")));

    /// <summary>A check whose failure is its result.</summary>
    private static async Task<IReadOnlyList<CheckResult>> OneAsync(string kind, string name, Func<CancellationToken, Task<string>> check, CancellationToken cancellationToken)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Bound);
        try
        {
            return [new CheckResult(kind, name, Ok: true, await check(bound.Token))];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [new CheckResult(kind, name, Ok: false, $"no answer within {Bound.TotalSeconds:0} seconds; is it running?")];
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return [new CheckResult(kind, name, Ok: false, Complaint.Sentence(failure))];
        }
    }
}
