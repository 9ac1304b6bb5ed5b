using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Assay.Avro;
using Assay.Avro.Registry;
using Assay.Schemas;
using Confluent.Kafka;

namespace Assay.Cli.Tail;

/// <summary>
/// Makes JSON of any record. A value in Confluent's wire format is read by its schema of the registry; one that is JSON stands as it is;
/// a dead letter shows its circumstances; anything else is shown as text, or in base64 where it is none.
/// </summary>
internal sealed class RecordDecoder(ISchemaRegistryClient registry)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<TailedRecord> DecodeAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        string json;
        string? problem = null;
        try
        {
            json = record.Topic == Topics.DeadLetters ? Letter(DeadLetter.FromMessage(record.Message)) : await ValueAsync(record, cancellationToken);
        }
        catch (AvroException failure)
        {
            problem = failure.Message;
            json = Object(writer =>
            {
                writer.WriteString("undecodable", failure.Message);
                Place(writer, record);
            });
        }
        using JsonDocument document = JsonDocument.Parse(json);
        return new TailedRecord(json, document.RootElement.Clone(), problem);
    }

    private async Task<string> ValueAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        byte[]? value = record.Message.Value;
        if (value is [0, _, _, _, _, ..])
        {
            AvroSchema schema = await registry.GetSchemaAsync(ConfluentWireFormat.ReadId(value), cancellationToken);
            ArrayBufferWriter<byte> output = new();
            using (Utf8JsonWriter writer = new(output, Readable))
                AvroJson.Write(value.AsSpan(ConfluentWireFormat.HeaderSize), schema, writer);
            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
        if (value is not null && IsJsonObject(value))
            return Encoding.UTF8.GetString(value);
        return Object(writer =>
        {
            Place(writer, record);
            WriteBytes(writer, "key", record.Message.Key);
            WriteBytes(writer, "value", value);
        });
    }

    /// <summary>A dead letter as one line of JSON.</summary>
    /// <param name="more">Further fields, which stand before the bytes.</param>
    public static string Letter(DeadLetter letter, Action<Utf8JsonWriter>? more = null) =>
        Object(writer =>
        {
            writer.WriteString("rejected_at", letter.RejectedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            writer.WriteString(DeadLetter.StageHeader, letter.Stage);
            writer.WriteString(DeadLetter.ReasonHeader, letter.Reason);
            writer.WriteString(DeadLetter.DetailHeader, letter.Detail);
            writer.WriteString(DeadLetter.OriginHeader, letter.Origin);
            more?.Invoke(writer);
            WriteBytes(writer, "key", letter.Key);
            WriteBytes(writer, "value", letter.Value);
        });

    private static void Place(Utf8JsonWriter writer, ConsumeResult<byte[], byte[]> record)
    {
        writer.WriteString("timestamp", record.Message.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        writer.WriteNumber("partition", record.Partition.Value);
        writer.WriteNumber("offset", record.Offset.Value);
    }

    private static void WriteBytes(Utf8JsonWriter writer, string name, byte[]? bytes)
    {
        if (bytes is null)
            writer.WriteNull(name);
        else if (Utf8.IsValid(bytes))
            writer.WriteString(name, bytes);
        else
            writer.WriteString(name + "_base64", Convert.ToBase64String(bytes));
    }

    private static string Object(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output, Readable))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Whether the value is one object of JSON on one line, so that it can stand among JSON lines as it is.</summary>
    private static bool IsJsonObject(byte[] value)
    {
        if (value is not [(byte)'{', ..] || value.AsSpan().Contains((byte)'\n'))
            return false;
        Utf8JsonReader reader = new(value);
        try
        {
            reader.Read();
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
