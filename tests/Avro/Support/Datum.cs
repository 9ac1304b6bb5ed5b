using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Assay.Avro.Internal;

namespace Assay.Avro.Tests.Support;

/// <summary>A union's value with the branch it is of.</summary>
internal sealed record Choice(int Branch, object? Value);

/// <summary>
/// Values of any schema: null, bool, int, long, float, double, byte[], string; a symbol as string, a record as object?[] (a value for each field),
/// List&lt;object?&gt;, Dictionary&lt;string, object?&gt;, <see cref="Choice"/>. Read and written by the same calls that generated records use.
/// </summary>
internal static class Datum
{
    public static byte[] Encode(AvroSchema schema, object? value)
    {
        ArrayBufferWriter<byte> output = new();
        AvroWriter writer = new(output);
        Write(ref writer, schema, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads with a plan, as a record's generated constructor does.</summary>
    public static object? Decode(ReadOnlySpan<byte> data, AvroReadPlan plan)
    {
        AvroReader reader = new(data);
        object? value = Read(ref reader, plan);
        reader.ExpectEnd();
        return value;
    }

    public static object? Decode(ReadOnlySpan<byte> data, AvroSchema schema) => Decode(data, AvroReadPlan.Compile(schema, schema));

    public static void Write(ref AvroWriter writer, AvroSchema schema, object? value)
    {
        switch (schema)
        {
            case RecordSchema record:
                writer.Enter();
                object?[] fields = (object?[])value!;
                for (int i = 0; i < fields.Length; i++)
                    Write(ref writer, record.Fields[i].Schema, fields[i]);
                writer.Leave();
                break;
            case EnumSchema symbols:
                writer.WriteIndex(symbols.Symbols.ToList().IndexOf((string)value!), symbols.Symbols.Count);
                break;
            case FixedSchema bytes:
                writer.WriteFixed((byte[])value!, bytes.Size);
                break;
            case ArraySchema array:
                List<object?> items = (List<object?>)value!;
                writer.WriteBlock(items.Count);
                foreach (object? item in items)
                    Write(ref writer, array.Items, item);
                writer.WriteEnd();
                break;
            case MapSchema map:
                Dictionary<string, object?> entries = (Dictionary<string, object?>)value!;
                writer.WriteBlock(entries.Count);
                foreach ((string key, object? entry) in entries)
                {
                    writer.WriteString(key);
                    Write(ref writer, map.Values, entry);
                }
                writer.WriteEnd();
                break;
            case UnionSchema union:
                Choice choice = (Choice)value!;
                writer.WriteIndex(choice.Branch, union.Branches.Count);
                Write(ref writer, union.Branches[choice.Branch], choice.Value);
                break;
            default:
                WritePrimitive(ref writer, value);
                break;
        }
    }

    /// <summary>A default value, or one in Avro's own JSON encoding (a union's value under its type's name).</summary>
    public static object? FromJson(AvroSchema schema, JsonNode? json, bool isDefault) => schema switch
    {
        RecordSchema record => record.Fields.Select(field => json!.AsObject().ContainsKey(field.Name)
            ? FromJson(field.Schema, json[field.Name], isDefault)
            : FromJson(field.Schema, DefaultOf(field), isDefault: true)).ToArray(),
        ArraySchema array => json!.AsArray().Select(item => FromJson(array.Items, item, isDefault)).ToList(),
        MapSchema map => json!.AsObject().ToDictionary(entry => entry.Key, entry => FromJson(map.Values, entry.Value, isDefault)),
        UnionSchema union when isDefault => DefaultOf(union, json),
        UnionSchema union when json is null => new Choice(BranchNamed(union, "null"), null),
        UnionSchema union => json.AsObject().Single() is var (name, value) && BranchNamed(union, name) is var branch
            ? new Choice(branch, FromJson(union.Branches[branch], value, isDefault))
            : null,
        EnumSchema => json!.GetValue<string>(),
        _ => schema.Type switch
        {
            AvroType.Null => null,
            AvroType.Boolean => json!.GetValue<bool>(),
            AvroType.Int => int.Parse(Text(json), CultureInfo.InvariantCulture),
            AvroType.Long => long.Parse(Text(json), CultureInfo.InvariantCulture),
            AvroType.Float => (float)double.Parse(Text(json), CultureInfo.InvariantCulture),
            AvroType.Double => double.Parse(Text(json), CultureInfo.InvariantCulture),
            AvroType.String => json!.GetValue<string>(),
            _ => Encoding.Latin1.GetBytes(json!.GetValue<string>()),
        },
    };

    /// <summary>The value as text in which equal values are equal: maps by key, numbers and bytes exactly.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        object?[] fields => $"({string.Join(", ", fields.Select(Describe))})",
        byte[] bytes => $"0x{Convert.ToHexString(bytes)}",
        List<object?> items => $"[{string.Join(", ", items.Select(Describe))}]",
        Dictionary<string, object?> map =>
            $"{{{string.Join(", ", map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Describe(entry.Value)}"))}}}",
        Choice choice => $"{choice.Branch}:{Describe(choice.Value)}",
        string text => $"'{text}'",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Text(JsonNode? json) => json!.ToString();

    private static JsonNode? DefaultOf(AvroField field) => JsonNode.Parse(
        JsonNode.Parse($"[{new RecordProbe(field)}]")![0]!["fields"]![0]!["default"]?.ToJsonString() ?? "null");

    private static Choice DefaultOf(UnionSchema union, JsonNode? json)
    {
        int branch = SchemaDefaults.Branch(JsonParser.Parse(json?.ToJsonString() ?? "null"), union, "");
        return new Choice(branch, FromJson(union.Branches[branch], json, isDefault: true));
    }

    private static int BranchNamed(UnionSchema union, string name) => union.Branches.ToList().FindIndex(branch => branch.TypeName == name);

    private static void WritePrimitive(ref AvroWriter writer, object? value)
    {
        switch (value)
        {
            case bool x:
                writer.WriteBoolean(x);
                break;
            case int x:
                writer.WriteInt(x);
                break;
            case long x:
                writer.WriteLong(x);
                break;
            case float x:
                writer.WriteFloat(x);
                break;
            case double x:
                writer.WriteDouble(x);
                break;
            case byte[] x:
                writer.WriteBytes(x);
                break;
            case string x:
                writer.WriteString(x);
                break;
        }
    }

    private static object? Read(ref AvroReader reader, AvroReadPlan plan)
    {
        if (plan.Reader is UnionSchema)
        {
            plan = reader.Select(plan);
            return new Choice(plan.Branch, Read(ref reader, plan.Item));
        }
        switch (plan.Reader)
        {
            case RecordSchema record:
                return ReadRecord(ref reader, record, plan);
            case EnumSchema symbols:
                return symbols.Symbols[reader.ReadIndex(plan)];
            case FixedSchema:
                return reader.ReadFixedMemory(plan).ToArray();
            case ArraySchema:
                plan = reader.Select(plan);
                List<object?> items = [];
                for (int count = reader.ReadBlock(plan.ItemMinimum); count > 0; count = reader.ReadBlock(plan.ItemMinimum))
                {
                    for (; count > 0; count--)
                        items.Add(Read(ref reader, plan.Item));
                }
                return items;
            case MapSchema:
                plan = reader.Select(plan);
                Dictionary<string, object?> entries = [];
                for (int count = reader.ReadBlock(plan.ItemMinimum + 1); count > 0; count = reader.ReadBlock(plan.ItemMinimum + 1))
                {
                    for (; count > 0; count--)
                        entries[reader.ReadString()] = Read(ref reader, plan.Item);
                }
                return entries;
            default:
                return ReadPrimitive(ref reader, plan);
        }
    }

    private static object?[] ReadRecord(ref AvroReader reader, RecordSchema record, AvroReadPlan plan)
    {
        reader.Enter();
        object?[] values = new object?[record.Fields.Count];
        bool[] set = new bool[values.Length];
        foreach (AvroFieldPlan field in reader.Select(plan).Fields)
        {
            if (field.Index < 0)
            {
                reader.Skip(field.Writer);
                continue;
            }
            values[field.Index] = Read(ref reader, field.Plan);
            set[field.Index] = true;
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (!set[i])
                values[i] = FromJson(record.Fields[i].Schema, DefaultOf(record.Fields[i]), isDefault: true);
        }
        reader.Leave();
        return values;
    }

    private static object? ReadPrimitive(ref AvroReader reader, AvroReadPlan plan)
    {
        switch (plan.Reader.Type)
        {
            case AvroType.Null:
                reader.ReadNull(plan);
                return null;
            case AvroType.Boolean:
                return reader.ReadBoolean(plan);
            case AvroType.Int:
                return reader.ReadInt(plan);
            case AvroType.Long:
                return reader.ReadLong(plan);
            case AvroType.Float:
                return reader.ReadFloat(plan);
            case AvroType.Double:
                return reader.ReadDouble(plan);
            case AvroType.Bytes:
                return reader.ReadMemory(plan).ToArray();
            default:
                return reader.ReadString(plan);
        }
    }

    /// <summary>Writes one field's schema, to get at its default as JSON.</summary>
    private sealed record RecordProbe(AvroField Field)
    {
        public override string ToString() => new RecordSchema("Probe", [], null) { Fields = [Field] }.ToString();
    }
}
