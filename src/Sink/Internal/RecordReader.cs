using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Schemas;
using Assay.Sink.Internal.Tables;
using Confluent.Kafka;

namespace Assay.Sink.Internal;

/// <summary>Turns records of the topics into rows.</summary>
internal sealed class RecordReader(ISchemaRegistryClient registry)
{
    public static IReadOnlyList<string> TopicNames { get; } = [Topics.Contracts, Topics.Apis, Topics.Accuracy, Topics.DeadLetters];

    private readonly AvroDeserializer<ContractPrice> contracts = new(registry);
    private readonly AvroDeserializer<ApiPrice> apis = new(registry);
    private readonly AccuracyReader accuracy = new(registry);

    /// <summary>The record with its row; what can't be decoded becomes a <see cref="Rejected"/>.</summary>
    /// <exception cref="SchemaRegistryException">The writer's schema is not known yet and the registry does not answer: the same record may be read later.</exception>
    public Entry Read(ConsumeResult<byte[], byte[]> record) =>
        new(record.TopicPartition, record.Offset.Value, Row(record), record.Message.Key, record.Message.Value);

    private static object Letter(Message<byte[], byte[]> message)
    {
        DeadLetter letter = DeadLetter.FromMessage(message);
        return letter.Stage == Resend.Stage ? new Resent(letter.Origin, Resend.Stages(message.Headers), letter.RejectedAt) : letter;
    }

    private object? Row(ConsumeResult<byte[], byte[]> record)
    {
        if (record.Topic == Topics.DeadLetters)
            return Letter(record.Message);
        if (Resend.IsForOthers(record.Message.Headers, DeadLetterTable.SinkStage))
            return null;
        if (record.Message.Value is not { } value)
            return new Rejected(RejectionReason.Undecodable, "The record has no value.");
        try
        {
            return record.Topic switch
            {
                Topics.Contracts => contracts.Decode(value),
                Topics.Apis => apis.Decode(value),
                _ => accuracy.Read(value),
            };
        }
        catch (Exception failure) when (failure is AvroException or FormatException)
        {
            return new Rejected(RejectionReason.Undecodable, failure.Message);
        }
    }
}
