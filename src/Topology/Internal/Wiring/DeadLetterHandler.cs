using System.Diagnostics.Metrics;
using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Streams;
using Confluent.Kafka;

namespace Assay.Topology.Internal.Wiring;

/// <summary>Sends what cannot be read or taken to <see cref="Topics.DeadLetters"/>, and stops on anything else: a failure of ours must not eat records.</summary>
internal sealed class DeadLetterHandler(TimeProvider time) : IExceptionHandler
{
    public const string Stage = "topology";

    /// <summary>Confluent's code for a schema's id that the registry does not have.</summary>
    private const int UnknownSchemaId = 40403;

    private static readonly Meter Meter = new("Assay.Topology");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("assay.topology.rejections", description: "Dead letters, by reason");

    public ErrorResponse Handle(ErrorContext context, Exception exception)
    {
        if (exception is RejectedException { Rejection: { } rejection })
            return Reject(context, rejection.Reason, rejection.Detail);
        // A registry that is away or refuses us says nothing about the record.
        bool undecodable = context.Stage == ErrorStage.Deserialization && exception is not SchemaRegistryException { ErrorCode: not UnknownSchemaId };
        return undecodable ? Reject(context, RejectionReason.Undecodable, exception.Message) : ErrorResponse.Fail;
    }

    private ErrorResponse Reject(ErrorContext context, string reason, string detail)
    {
        Rejections.Add(1, new KeyValuePair<string, object?>("reason", reason));
        RecordMetadata source = context.Source!.Value;
        DeadLetter letter = new(
            context.SourceKey, context.SourceValue, Stage, reason, detail, $"{source.Topic}-{source.Partition}-{source.Offset}", time.GetUtcNow().UtcDateTime);
        Message<byte[], byte[]> message = letter.ToMessage();
        return ErrorResponse.DeadLetter(new DeadLetterRecord(Topics.DeadLetters, message.Key, message.Value, message.Timestamp.UnixTimestampMs, message.Headers));
    }
}
