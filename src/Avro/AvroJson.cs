using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Any datum as JSON for people and their tools: a union's value stands alone, times are ISO-8601, decimals plain numbers, bytes Base64.</summary>
public static class AvroJson
{
    /// <summary>In bytes; the time to print a number grows with the square of its length.</summary>
    private const int LongestDecimal = 1_024;

    /// <summary>Writes one datum; nothing may follow it.</summary>
    /// <param name="data">What to read.</param>
    /// <param name="schema">What wrote it.</param>
    /// <param name="json">Where it goes. After a failure it holds a part.</param>
    /// <exception cref="AvroException">The data is not of the schema; the message names the field.</exception>
    public static void Write(ReadOnlySpan<byte> data, AvroSchema schema, Utf8JsonWriter json)
    {
        AvroReader reader = new(data);
        try
        {
            Write(ref reader, schema, json);
            reader.ExpectEnd();
        }
        catch (AvroException fault)
        {
            throw Diagnosis.Explain(fault, schema, data);
        }
    }

    private static void Write(ref AvroReader reader, AvroSchema schema, Utf8JsonWriter json)
    {
        switch (schema)
        {
            case RecordSchema record:
                int start = reader.EnterRecord();
                json.WriteStartObject();
                foreach (AvroField field in record.Fields)
                {
                    json.WritePropertyName(field.Name);
                    Write(ref reader, field.Schema, json);
                }
                json.WriteEndObject();
                reader.LeaveRecord(start);
                break;
            case UnionSchema union:
                Write(ref reader, union.Branches[reader.ReadIndex(union.Branches.Count)], json);
                break;
            case ArraySchema array:
                WriteArray(ref reader, array, json);
                break;
            case MapSchema map:
                WriteMap(ref reader, map, json);
                break;
            case EnumSchema symbols:
                json.WriteStringValue(symbols.Symbols[reader.ReadIndex(symbols.Symbols.Count)]);
                break;
            case { Logical: not AvroLogicalType.None }:
                WriteLogical(ref reader, schema, json);
                break;
            case FixedSchema bytes:
                json.WriteBase64StringValue(reader.ReadFixed(bytes.Size));
                break;
            default:
                WritePrimitive(ref reader, schema.Type, json);
                break;
        }
    }

    private static void WriteArray(ref AvroReader reader, ArraySchema array, Utf8JsonWriter json)
    {
        reader.Enter();
        json.WriteStartArray();
        for (int count = reader.ReadBlock(array.ItemMinimum); count > 0; count = reader.ReadBlock(array.ItemMinimum))
        {
            for (int i = 0; i < count; i++)
                Write(ref reader, array.Items, json);
        }
        json.WriteEndArray();
        reader.Leave();
    }

    private static void WriteMap(ref AvroReader reader, MapSchema map, Utf8JsonWriter json)
    {
        reader.Enter();
        json.WriteStartObject();
        for (int count = reader.ReadBlock(map.ValueMinimum + 1); count > 0; count = reader.ReadBlock(map.ValueMinimum + 1))
        {
            for (int i = 0; i < count; i++)
            {
                json.WritePropertyName(reader.ReadString());
                Write(ref reader, map.Values, json);
            }
        }
        json.WriteEndObject();
        reader.Leave();
    }

    private static void WritePrimitive(ref AvroReader reader, AvroType type, Utf8JsonWriter json)
    {
        switch (type)
        {
            case AvroType.Null:
                json.WriteNullValue();
                break;
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
                float single = reader.ReadFloat();
                if (float.IsFinite(single))
                    json.WriteNumberValue(single);
                else
                    json.WriteStringValue(single.ToString(CultureInfo.InvariantCulture));
                break;
            case AvroType.Double:
                double real = reader.ReadDouble();
                if (double.IsFinite(real))
                    json.WriteNumberValue(real);
                else
                    json.WriteStringValue(real.ToString(CultureInfo.InvariantCulture));
                break;
            case AvroType.Bytes:
                json.WriteBase64StringValue(reader.ReadBytes());
                break;
            default:
                json.WriteStringValue(reader.ReadString());
                break;
        }
    }

    private static void WriteLogical(ref AvroReader reader, AvroSchema schema, Utf8JsonWriter json)
    {
        switch (schema.Logical)
        {
            case AvroLogicalType.Decimal:
                json.WriteRawValue(Plain(schema is FixedSchema bytes ? reader.ReadFixed(bytes.Size) : reader.ReadBytes(), schema.Scale));
                break;
            case AvroLogicalType.Uuid:
                json.WriteStringValue(schema is FixedSchema ? reader.ReadUuidFixed().ToString("D") : reader.ReadString());
                break;
            case AvroLogicalType.Date:
                json.WriteStringValue(reader.ReadDate().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case AvroLogicalType.TimeMillis:
                json.WriteStringValue(reader.ReadTimeMillis().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
                break;
            case AvroLogicalType.TimeMicros:
                json.WriteStringValue(reader.ReadTimeMicros().ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
                break;
            case AvroLogicalType.TimestampMillis:
                json.WriteStringValue(reader.ReadTimestampMillis().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                break;
            case AvroLogicalType.TimestampMicros:
                json.WriteStringValue(reader.ReadTimestampMicros().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));
                break;
            case AvroLogicalType.LocalTimestampMillis:
                json.WriteStringValue(reader.ReadLocalTimestampMillis().ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(reader.ReadLocalTimestampMicros().ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>A decimal of any size, without exponent and without zeros at the end of its fraction.</summary>
    private static string Plain(ReadOnlySpan<byte> unscaled, int scale)
    {
        if (unscaled.Length > LongestDecimal || unscaled.IsEmpty)
            throw new AvroException($"A decimal of {unscaled.Length} bytes is not shown: it has none, or more than {LongestDecimal}.");
        BigInteger value = new(unscaled, isUnsigned: false, isBigEndian: true);
        string digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        string fraction = digits[^scale..].TrimEnd('0');
        return (value.Sign < 0 ? "-" : "") + digits[..^scale] + (fraction.Length > 0 ? "." + fraction : "");
    }
}
