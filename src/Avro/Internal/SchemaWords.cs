namespace Assay.Avro.Internal;

/// <summary>The words by which schemas name types and logical types.</summary>
internal static class SchemaWords
{
    private static readonly string[] Types =
        ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "fixed", "array", "map", "union"];

    private static readonly string[] LogicalTypes =
    [
        "", "decimal", "uuid", "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros", "local-timestamp-millis",
        "local-timestamp-micros",
    ];

    public static string Of(AvroType type) => Types[(int)type];

    public static string Of(AvroLogicalType logical) => LogicalTypes[(int)logical];

    /// <summary>The primitive of that name, or null.</summary>
    public static AvroType? Primitive(string word)
    {
        int index = Array.IndexOf(Types, word);
        return index is >= 0 and <= (int)AvroType.String ? (AvroType)index : null;
    }

    /// <summary>The logical type of that name, or none.</summary>
    public static AvroLogicalType Logical(string word) => (AvroLogicalType)Math.Max(0, Array.IndexOf(LogicalTypes, word));

    /// <summary>Whether the specification lets a logical type of that name stand on that type.</summary>
    public static bool Fits(AvroLogicalType logical, AvroSchema schema) => logical switch
    {
        AvroLogicalType.Decimal => schema.Type is AvroType.Bytes or AvroType.Fixed,
        AvroLogicalType.Uuid => schema.Type is AvroType.String || schema is FixedSchema { Size: 16 },
        AvroLogicalType.Date or AvroLogicalType.TimeMillis => schema.Type is AvroType.Int,
        AvroLogicalType.None => false,
        _ => schema.Type is AvroType.Long,
    };

    /// <summary>A name without dots: a letter or underscore, then letters, digits and underscores.</summary>
    public static bool IsName(string text)
    {
        foreach (char c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_'))
                return false;
        }
        return text.Length > 0 && text[0] is not (>= '0' and <= '9');
    }
}
