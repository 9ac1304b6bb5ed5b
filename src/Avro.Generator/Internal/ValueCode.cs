namespace Assay.Avro.Generator.Internal;

/// <summary>The C# type of a schema's values, and the calls that read and write one. What takes more than a call is a method of <see cref="CompositeCode"/>.</summary>
internal sealed class ValueCode(CSharpNames names)
{
    private const string Memory = "global::System.ReadOnlyMemory<byte>";

    /// <param name="schema">Any schema.</param>
    /// <param name="union">What a general union here is called.</param>
    public string Type(AvroSchema schema, string union) => schema switch
    {
        ArraySchema array => $"global::System.Collections.Generic.IReadOnlyList<{Type(array.Items, union + "Item")}>",
        MapSchema map => $"global::System.Collections.Generic.IReadOnlyDictionary<string, {Type(map.Values, union + "Entry")}>",
        UnionSchema choice when choice.Branches.Count == 1 => Type(choice.Branches[0], union),
        UnionSchema choice when Optional(choice) is { } value => Type(value, union) + "?",
        UnionSchema choice => IsNothing(choice) ? "object?" : union + "Value" + (HasNull(choice) ? "?" : ""),
        RecordSchema or EnumSchema => names.Qualified((NamedSchema)schema),
        _ => LeafType(schema),
    };

    /// <summary>The one other branch of a union with null; null where the union is not of that form.</summary>
    public static AvroSchema? Optional(UnionSchema union) =>
        union.Branches.Count == 2 && HasNull(union) ? union.Branches.FirstOrDefault(branch => branch.Type != AvroType.Null) : null;

    public static bool HasNull(UnionSchema union) => union.Branches.Any(branch => branch.Type == AvroType.Null);

    /// <summary>A union whose only value is null, if any.</summary>
    public static bool IsNothing(UnionSchema union) => union.Branches.All(branch => branch.Type == AvroType.Null);

    /// <summary>A union that becomes a closed hierarchy of its own.</summary>
    public static bool IsHierarchy(UnionSchema union) =>
        Optional(union) is null && !IsNothing(union) && union.Branches.Count > 1;

    public static bool IsComposite(AvroSchema schema) => schema is ArraySchema or MapSchema or UnionSchema;

    /// <summary>An expression that reads a value.</summary>
    /// <param name="schema">Not composite.</param>
    /// <param name="plan">The expression of the plan to follow; null: the data is of this schema.</param>
    /// <param name="interned">Whether the string is likely to be a known one.</param>
    public string Read(AvroSchema schema, string? plan, bool interned = false)
    {
        string Call(string method, string arguments = "") => $"reader.{method}({plan ?? arguments})";
        return schema switch
        {
            RecordSchema record => $"{names.Qualified(record)}.Read(ref reader{(plan is null ? "" : ", " + plan)})",
            EnumSchema symbols => $"({names.Qualified(symbols)}){Call("ReadIndex", $"{symbols.Symbols.Count}")}",
            { Logical: AvroLogicalType.Decimal } =>
                Call("ReadDecimal", schema is FixedSchema bytes ? $"{bytes.Size}, {schema.Scale}" : $"{schema.Scale}"),
            { Logical: AvroLogicalType.Uuid } => Call(schema is FixedSchema ? "ReadUuidFixed" : "ReadUuid"),
            { Logical: AvroLogicalType.Date } => Call("ReadDate"),
            { Logical: not AvroLogicalType.None } when plan is null => Call($"Read{schema.Logical}"),
            { Logical: AvroLogicalType.TimeMillis or AvroLogicalType.TimeMicros } => Call("ReadTime"),
            { Logical: not AvroLogicalType.None } => Call("ReadTimestamp"),
            FixedSchema bytes => Call("ReadFixedMemory", $"{bytes.Size}"),
            { Type: AvroType.Null } => plan is null ? "(object?)null" : $"NoValue(ref reader, {plan})",
            { Type: AvroType.Bytes } => Call("ReadMemory"),
            { Type: AvroType.String } => Call(interned ? "ReadInternedString" : "ReadString"),
            _ => Call($"Read{schema.Type}"),
        };
    }

    /// <summary>A statement that writes a value.</summary>
    /// <param name="schema">Not composite.</param>
    /// <param name="value">The value's expression.</param>
    public static string Write(AvroSchema schema, string value) => schema switch
    {
        RecordSchema => $"{value}.Write(ref writer);",
        EnumSchema symbols => $"writer.WriteIndex((int){value}, {symbols.Symbols.Count});",
        FixedSchema { Logical: AvroLogicalType.Decimal } bytes => $"writer.WriteDecimal({value}, {bytes.Size}, {bytes.Precision}, {bytes.Scale});",
        FixedSchema { Logical: AvroLogicalType.Uuid } => $"writer.WriteUuidFixed({value});",
        FixedSchema bytes => $"writer.WriteFixed({value}.Span, {bytes.Size});",
        { Logical: AvroLogicalType.Decimal } => $"writer.WriteDecimal({value}, {schema.Precision}, {schema.Scale});",
        { Logical: not AvroLogicalType.None } => $"writer.Write{schema.Logical}({value});",
        { Type: AvroType.Null } => "",
        { Type: AvroType.Bytes } => $"writer.WriteBytes({value}.Span);",
        _ => $"writer.Write{schema.Type}({value});",
    };

    private static string LeafType(AvroSchema schema) => schema.Logical switch
    {
        AvroLogicalType.Decimal => "decimal",
        AvroLogicalType.Uuid => "global::System.Guid",
        AvroLogicalType.Date => "global::System.DateOnly",
        AvroLogicalType.TimeMillis or AvroLogicalType.TimeMicros => "global::System.TimeOnly",
        AvroLogicalType.None => schema.Type switch
        {
            AvroType.Null => "object?",
            AvroType.Boolean => "bool",
            AvroType.Bytes or AvroType.Fixed => Memory,
            _ => schema.TypeName,
        },
        _ => "global::System.DateTime",
    };
}
