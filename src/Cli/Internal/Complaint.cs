using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Broker;
using Assay.Ethereum;
using Assay.Schemas;
using Assay.Streams;
using Confluent.Kafka;
using Npgsql;

namespace Assay.Cli.Internal;

/// <summary>What a person reads when something failed.</summary>
internal static class Complaint
{
    /// <summary>The failure's own sentence where it was written for a person, else one that names what came up; the trace only with --verbose.</summary>
    public static string Of(Exception failure, bool verbose) =>
        verbose ? $"assay: {Sentence(failure)}{Environment.NewLine}{failure}" : $"assay: {Sentence(failure)}";

    public static string Sentence(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [{ } only] } => Sentence(only),
        UserException or AvroException or SchemaRegistryException or EthereumException or StreamsException or BrokerException => failure.Message,
        KafkaException kafka => $"Kafka: {kafka.Error.Reason}.",
        PostgresException refused => $"The database refuses: {refused.MessageText}.",
        NpgsqlException postgres => $"The database: {postgres.Message.TrimEnd('.')}.",
        _ => $"unexpected {failure.GetType().Name}: {failure.Message} This is a defect; --verbose shows where.",
    };
}
