using System.Text.Json;
using Assay.Avro;

namespace Assay.Cli.Tail;

/// <summary>Reads a datum by its writer's schema alone and writes it as JSON: logical types as people read them, unions as the value of their branch, bytes in base64.</summary>
internal static class AvroJson
{
    /// <exception cref="AvroException">The data is no datum of the schema.</exception>
    public static void Write(AvroSchema schema, ReadOnlySpan<byte> data, Utf8JsonWriter json)
    {
        AvroReader reader = new(data);
        Value(schema, ref reader, json);
        reader.ExpectEnd();
    }

    private static void Value(AvroSchema schema, ref AvroReader reader, Utf8JsonWriter json)
    {
        switch (schema)
        {
            case { Logical: not AvroLogicalType.None }:
                Logical(schema, ref reader, json);
                break;
            case RecordSchema record:
                reader.Enter();
                json.WriteStartObject();
                foreach (AvroField field in record.Fields)
                {
                    json.WritePropertyName(field.Name);
                    Value(field.Schema, ref reader, json);
                }
                json.WriteEndObject();
                reader.Leave();
                break;
            case UnionSchema union:
                reader.Enter();
                Value(union.Branches[reader.ReadIndex(union.Branches.Count)], ref reader, json);
                reader.Leave();
                break;
            case ArraySchema array:
                reader.Enter();
                json.WriteStartArray();
                int least = array.Items.Type is AvroType.Null or AvroType.Record or AvroType.Fixed ? 0 : 1;
                for (int count = reader.ReadBlock(least); count > 0; count = reader.ReadBlock(least))
                {
                    for (int item = 0; item < count; item++)
                        Value(array.Items, ref reader, json);
                }
                json.WriteEndArray();
                reader.Leave();
                break;
            case MapSchema map:
                reader.Enter();
                json.WriteStartObject();
                for (int count = reader.ReadBlock(1); count > 0; count = reader.ReadBlock(1))
                {
                    for (int item = 0; item < count; item++)
                    {
                        json.WritePropertyName(reader.ReadString());
                        Value(map.Values, ref reader, json);
                    }
                }
                json.WriteEndObject();
                reader.Leave();
                break;
            case EnumSchema symbols:
                json.WriteStringValue(symbols.Symbols[reader.ReadIndex(symbols.Symbols.Count)]);
                break;
            case FixedSchema bytes:
                json.WriteBase64StringValue(reader.ReadFixed(bytes.Size));
                break;
            default:
                Primitive(schema.Type, ref reader, json);
                break;
        }
    }

    private static void Primitive(AvroType type, ref AvroReader reader, Utf8JsonWriter json)
    {
        switch (type)
        {
            case AvroType.Boolean:
                json.WriteBooleanValue(reader.ReadBoolean());
                break;
            case AvroType.Int:
                json.WriteNumberValue(reader.ReadInt());
                break;
            case AvroType.Long:
                json.WriteNumberValue(reader.ReadLong());
                break;
            case AvroType.Float:
                Floating(reader.ReadFloat(), json);
                break;
            case AvroType.Double:
                Floating(reader.ReadDouble(), json);
                break;
            case AvroType.Bytes:
                json.WriteBase64StringValue(reader.ReadBytes());
                break;
            case AvroType.String:
                json.WriteStringValue(reader.ReadBytes());
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void Logical(AvroSchema schema, ref AvroReader reader, Utf8JsonWriter json)
    {
        switch (schema.Logical)
        {
            case AvroLogicalType.Decimal:
                decimal value = schema is FixedSchema bytes ? reader.ReadDecimal(bytes.Size, schema.Scale) : reader.ReadDecimal(schema.Scale);
                json.WriteRawValue(PlainDecimal.Of(value), skipInputValidation: true);
                break;
            case AvroLogicalType.Uuid:
                json.WriteStringValue(schema is FixedSchema ? reader.ReadUuidFixed() : reader.ReadUuid());
                break;
            case AvroLogicalType.Date:
                json.WriteStringValue(reader.ReadDate().ToString("O"));
                break;
            case AvroLogicalType.TimeMillis:
                json.WriteStringValue(reader.ReadTimeMillis().ToString("O"));
                break;
            case AvroLogicalType.TimeMicros:
                json.WriteStringValue(reader.ReadTimeMicros().ToString("O"));
                break;
            case AvroLogicalType.TimestampMillis:
                json.WriteStringValue(reader.ReadTimestampMillis().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
                break;
            case AvroLogicalType.TimestampMicros:
                json.WriteStringValue(reader.ReadTimestampMicros().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"));
                break;
            case AvroLogicalType.LocalTimestampMillis:
                json.WriteStringValue(reader.ReadLocalTimestampMillis().ToString("yyyy-MM-dd'T'HH:mm:ss.fff"));
                break;
            default:
                json.WriteStringValue(reader.ReadLocalTimestampMicros().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff"));
                break;
        }
    }

    /// <summary>JSON has no word for what is not a number.</summary>
    private static void Floating(double value, Utf8JsonWriter json)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
