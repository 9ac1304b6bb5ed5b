using System.Globalization;

namespace Assay.Avro.Internal;

/// <summary>The rules for default values (specification, table "field default values"): JSON whose kind follows the type.</summary>
internal static class SchemaDefaults
{
    /// <exception cref="SchemaException">The default cannot be a value of the schema.</exception>
    public static void Check(JsonValue json, AvroSchema schema, string path)
    {
        switch (schema)
        {
            case RecordSchema record when json.Kind == JsonKind.Object:
                foreach (AvroField field in record.Fields)
                {
                    if (json[field.Name] is { } value)
                        Check(value, field.Schema, $"{path}.{field.Name}");
                    else if (!field.HasDefault)
                        throw new SchemaException($"the default of {path} has no value for \"{field.Name}\"", json);
                }
                return;
            case ArraySchema array when json.Kind == JsonKind.Array:
                foreach (JsonValue item in json.Items)
                    Check(item, array.Items, path + "[]");
                return;
            case MapSchema map when json.Kind == JsonKind.Object:
                foreach (KeyValuePair<string, JsonValue> member in json.Members)
                    Check(member.Value, map.Values, $"{path}[\"{member.Key}\"]");
                return;
            case UnionSchema union:
                Check(json, union.Branches[Branch(json, union, path)], path);
                return;
        }
        if (!Fits(json, schema))
            throw new SchemaException($"the default of {path} is not a value of the type {schema.TypeName}", json);
    }

    /// <summary>The first branch that the value can be of (since 1.12 not only the union's first).</summary>
    public static int Branch(JsonValue json, UnionSchema union, string path)
    {
        for (int i = 0; i < union.Branches.Count; i++)
        {
            if (Fits(json, union.Branches[i]))
                return i;
        }
        throw new SchemaException($"the default of {path} is a value of none of the union's types", json);
    }

    /// <summary>The bytes that a string of the code points 0 to 255 stands for.</summary>
    public static byte[] Bytes(JsonValue json)
    {
        byte[] bytes = new byte[json.Text.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)json.Text[i];
        return bytes;
    }

    private static bool Fits(JsonValue json, AvroSchema schema) => schema.Type switch
    {
        AvroType.Null => json.Kind == JsonKind.Null,
        AvroType.Boolean => json.Kind == JsonKind.Boolean,
        AvroType.Int => json.Kind == JsonKind.Number && int.TryParse(json.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        AvroType.Long => json.Kind == JsonKind.Number && long.TryParse(json.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        AvroType.Float or AvroType.Double => json.Kind == JsonKind.Number,
        AvroType.String => json.Kind == JsonKind.String,
        AvroType.Bytes => json.Kind == JsonKind.String && json.Text.All(c => c <= 0xFF),
        AvroType.Fixed => json.Kind == JsonKind.String && json.Text.Length == ((FixedSchema)schema).Size && json.Text.All(c => c <= 0xFF),
        AvroType.Enum => json.Kind == JsonKind.String && ((EnumSchema)schema).Symbols.Contains(json.Text),
        AvroType.Array => json.Kind == JsonKind.Array,
        AvroType.Record or AvroType.Map => json.Kind == JsonKind.Object,
        _ => false,
    };
}
