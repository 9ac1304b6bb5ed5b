using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Ethereum;
using Assay.Schemas;
using Confluent.Kafka;
using Npgsql;

namespace Assay.Cli.Internal;

/// <summary>What a person reads when something failed.</summary>
internal static class Complaint
{
    /// <summary>The failure's own sentence where it was written for a person, else one that names what came up; the trace only with --verbose.</summary>
    public static string Of(Exception failure, bool verbose)
    {
        if (failure is AggregateException { InnerExceptions: [{ } only] })
            failure = only;
        string sentence = failure switch
        {
            UserException or AvroException or SchemaRegistryException or EthereumException => failure.Message,
            KafkaException kafka => $"Kafka: {kafka.Error.Reason}.",
            NpgsqlException postgres => $"The database: {postgres.Message}.",
            _ => $"unexpected {failure.GetType().Name}: {failure.Message} This is a defect; --verbose shows where.",
        };
        return verbose ? $"assay: {sentence}{Environment.NewLine}{failure}" : $"assay: {sentence}";
    }
}
