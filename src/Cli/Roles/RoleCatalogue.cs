using Assay.Cli.Configuration;
using Assay.Ingest.Apis;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Assay.Sink;
using Assay.Topology;

namespace Assay.Cli.Roles;

/// <summary>The product's roles and which part of the configuration each takes.</summary>
internal static class RoleCatalogue
{
    public static readonly Role Contracts = new("contracts", (configuration, loggers, time, cancellationToken) =>
        configuration.Feeds.Count == 0
            ? throw new UserException("No feed is configured, so there is nothing to follow: name some under feeds.")
            : new ContractIngest(configuration.Chains, configuration.Feeds, configuration.Kafka, loggers, time).RunAsync(cancellationToken));

    public static readonly Role Apis = new("apis", (configuration, loggers, time, cancellationToken) =>
        configuration.Sources.Count == 0
            ? throw new UserException("No price API is configured, so there is nothing to ask: name some under sources.")
            : new ApiIngest(configuration.Sources, configuration.Kafka, loggers, time).RunAsync(cancellationToken));

    public static readonly Role Topology = new("topology", (configuration, loggers, time, cancellationToken) =>
        new AccuracyApplication(configuration.Judged(), configuration.Kafka, configuration.Topics, loggers, time).RunAsync(cancellationToken));

    public static readonly Role Sink = new("sink", (configuration, loggers, time, cancellationToken) =>
        new Assay.Sink.Sink(Stored(configuration.Database), configuration.Kafka, loggers, time).RunAsync(cancellationToken));

    /// <summary>The sink's options for the configured database.</summary>
    public static SinkOptions Stored(DatabaseConnection database) => new() { ConnectionString = database.ConnectionString(), Retention = database.Retention };

    /// <summary>What <c>assay run</c> runs.</summary>
    public static readonly IReadOnlyList<Role> All = [Contracts, Apis, Topology, Sink];
}
