using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Avro's types (specification 1.12, "Schema Declaration").</summary>
public enum AvroType
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Record,
    Enum,
    Fixed,
    Array,
    Map,
    Union,
}

/// <summary>The logical types that have a C# type of their own; a schema with another one is read as its underlying type.</summary>
public enum AvroLogicalType
{
    None,
    Decimal,
    Uuid,
    Date,
    TimeMillis,
    TimeMicros,
    TimestampMillis,
    TimestampMicros,
    LocalTimestampMillis,
    LocalTimestampMicros,
}

/// <summary>A parsed schema. A recursive type is a cycle of these objects.</summary>
public abstract partial class AvroSchema
{
    private protected AvroSchema(AvroType type) => Type = type;

    public AvroType Type { get; }

    public AvroLogicalType Logical { get; internal set; }

    /// <summary>Of a decimal: the most digits its unscaled value has; else 0.</summary>
    public int Precision { get; internal set; }

    /// <summary>Of a decimal: how many of the digits stand after the point; else 0.</summary>
    public int Scale { get; internal set; }

    /// <summary>How this type is called where one is named: a primitive's word, a named type's full name, <c>array</c>, <c>map</c>, <c>union</c>.</summary>
    public virtual string TypeName => SchemaWords.Of(Type);

    /// <summary>The schema as JSON on one line, complete in itself; attributes that Avro does not define are left out.</summary>
    public override string ToString() => SchemaJson.Write(this);
}

/// <summary>null, boolean, int, long, float, double, bytes or string.</summary>
public sealed class PrimitiveSchema : AvroSchema
{
    internal PrimitiveSchema(AvroType type)
        : base(type)
    {
    }
}

public sealed class ArraySchema : AvroSchema
{
    private int? _itemMinimum;

    internal ArraySchema(AvroSchema items)
        : base(AvroType.Array) => Items = items;

    public AvroSchema Items { get; }

    /// <summary>The fewest bytes an item takes; found out when first asked for, as a recursive type is not complete before.</summary>
    internal int ItemMinimum => _itemMinimum ??= SchemaShape.MinimumSize(Items);
}

public sealed class MapSchema : AvroSchema
{
    private int? _valueMinimum;

    internal MapSchema(AvroSchema values)
        : base(AvroType.Map) => Values = values;

    public AvroSchema Values { get; }

    /// <summary>The fewest bytes a value takes, its key not counted.</summary>
    internal int ValueMinimum => _valueMinimum ??= SchemaShape.MinimumSize(Values);
}

public sealed class UnionSchema : AvroSchema
{
    internal UnionSchema(IReadOnlyList<AvroSchema> branches)
        : base(AvroType.Union) => Branches = branches;

    public IReadOnlyList<AvroSchema> Branches { get; }
}
