using System.Globalization;
using System.Numerics;
using Assay.Avro.Internal;

namespace Assay.Avro.Generator.Internal;

/// <summary>Writes a field's default value as a C# expression.</summary>
internal sealed class DefaultCode(CSharpNames names, ValueCode values)
{
    private const long EpochTicks = 621_355_968_000_000_000;
    private const int EpochDay = 719_162;
    private const int MaximumDay = 3_652_058;

    /// <param name="json">The default.</param>
    /// <param name="schema">Of the value.</param>
    /// <param name="path">As in <see cref="CompositeCode"/>.</param>
    /// <param name="owner">The record to whose property the path belongs.</param>
    /// <exception cref="SchemaException">C# cannot hold the value.</exception>
    public string Expression(JsonValue json, AvroSchema schema, string path, string owner)
    {
        switch (schema)
        {
            case RecordSchema record:
                return Record(json, record);
            case ArraySchema array:
                string item = values.Type(array.Items, Hierarchy(owner, path + "_Item"));
                return $"new {item}[] {{ {string.Join(", ", json.Items.Select(value => Expression(value, array.Items, path + "_Item", owner)))} }}";
            case MapSchema map:
                string entry = values.Type(map.Values, Hierarchy(owner, path + "_Entry"));
                IEnumerable<string> entries = json.Members.Select(member =>
                    $"[{CodeText.Literal(member.Key)}] = {Expression(member.Value, map.Values, path + "_Entry", owner)}");
                return $"new global::System.Collections.Generic.Dictionary<string, {entry}> {{ {string.Join(", ", entries)} }}";
            case UnionSchema union:
                return Union(json, union, path, owner);
            case EnumSchema symbols:
                return $"{names.Qualified(symbols)}.{CSharpNames.Symbols(symbols)[((List<string>)symbols.Symbols).IndexOf(json.Text)]}";
            default:
                return schema.Logical == AvroLogicalType.None ? Plain(json, schema) : Logical(json, schema);
        }
    }

    private string Record(JsonValue json, RecordSchema record)
    {
        string[] properties = CSharpNames.Properties(record);
        List<string> assignments = [];
        for (int i = 0; i < properties.Length; i++)
        {
            AvroField field = record.Fields[i];
            if (json[field.Name] is { } value)
                assignments.Add($"{properties[i]} = {Expression(value, field.Schema, properties[i], CSharpNames.TypeName(record))}");
        }
        return $"new {names.Qualified(record)} {{ {string.Join(", ", assignments)} }}";
    }

    private string Union(JsonValue json, UnionSchema union, string path, string owner)
    {
        int index = SchemaDefaults.Branch(json, union, path);
        AvroSchema branch = union.Branches[index];
        string value = Expression(json, branch, CompositeCode.BranchPath(union, path, index), owner);
        return ValueCode.IsHierarchy(union) && branch.Type != AvroType.Null
            ? $"new {Hierarchy(owner, path)}Value.{CompositeCode.Case(branch)}({value})"
            : value;
    }

    private string Hierarchy(string owner, string path) =>
        $"{(names.Namespace.Length == 0 ? "global::" : $"global::{names.Namespace}.")}{owner}.{CompositeCode.UnionName(path)}";

    private static string Plain(JsonValue json, AvroSchema schema) => schema.Type switch
    {
        AvroType.Null => "null",
        AvroType.Long => json.Text + "L",
        AvroType.Float => Finite(json, float.MaxValue) + "F",
        AvroType.Double => Finite(json, double.MaxValue) + "D",
        AvroType.String => CodeText.Literal(json.Text),
        AvroType.Bytes or AvroType.Fixed => $"new byte[] {{ {string.Join(", ", SchemaDefaults.Bytes(json))} }}",
        _ => json.Text,
    };

    private static string Finite(JsonValue json, double most) =>
        double.TryParse(json.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= most
            ? json.Text
            : throw new SchemaException($"the default {json.Text} is too large for its type", json);

    private static string Logical(JsonValue json, AvroSchema schema)
    {
        switch (schema.Logical)
        {
            case AvroLogicalType.Decimal:
                return Decimal(json, schema.Scale);
            case AvroLogicalType.Uuid when schema is FixedSchema:
                string hex = string.Concat(SchemaDefaults.Bytes(json).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
                return $"new global::System.Guid(\"{hex}\")";
            case AvroLogicalType.Uuid:
                return Guid.TryParseExact(json.Text, "D", out _)
                    ? $"new global::System.Guid(\"{json.Text}\")"
                    : throw new SchemaException($"the default \"{json.Text}\" is not a UUID", json);
        }
        long value = long.Parse(json.Text, CultureInfo.InvariantCulture);
        switch (schema.Logical)
        {
            case AvroLogicalType.Date:
                return $"global::System.DateOnly.FromDayNumber({Within(value + EpochDay, MaximumDay, json)})";
            case AvroLogicalType.TimeMillis or AvroLogicalType.TimeMicros:
                return $"new global::System.TimeOnly({Within(Ticks(value, schema, json), TimeSpan.TicksPerDay - 1, json)}L)";
            default:
                string kind = schema.Logical is AvroLogicalType.TimestampMillis or AvroLogicalType.TimestampMicros ? "Utc" : "Unspecified";
                long ticks = Within(Ticks(value, schema, json) + EpochTicks, DateTime.MaxValue.Ticks, json);
                return $"new global::System.DateTime({ticks}L, global::System.DateTimeKind.{kind})";
        }
    }

    private static long Ticks(long value, AvroSchema schema, JsonValue json)
    {
        bool millis = schema.Logical is AvroLogicalType.TimeMillis or AvroLogicalType.TimestampMillis or AvroLogicalType.LocalTimestampMillis;
        long perUnit = millis ? TimeSpan.TicksPerMillisecond : TimeSpan.TicksPerMillisecond / 1000;
        return Math.Abs((decimal)value * perUnit) <= DateTime.MaxValue.Ticks ? value * perUnit : throw TooLarge(json);
    }

    private static long Within(long value, long most, JsonValue json) => value >= 0 && value <= most ? value : throw TooLarge(json);

    private static string Decimal(JsonValue json, int scale)
    {
        BigInteger unscaled = new(Enumerable.Reverse(SchemaDefaults.Bytes(json)).ToArray());
        while (scale > 0 && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }
        if (BigInteger.Abs(unscaled) >= BigInteger.One << 96 || scale > 28)
            throw TooLarge(json);
        int[] parts = decimal.GetBits((decimal)BigInteger.Abs(unscaled));
        return $"new decimal({parts[0]}, {parts[1]}, {parts[2]}, {(unscaled.Sign < 0 ? "true" : "false")}, {scale})";
    }

    private static SchemaException TooLarge(JsonValue json) => new($"the default {json.Text} lies outside what its C# type can hold", json);
}
