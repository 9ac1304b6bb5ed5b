using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>A type with a name of its own: a record, an enum or a fixed.</summary>
public abstract class NamedSchema : AvroSchema
{
    private protected NamedSchema(AvroType type, string fullName, IReadOnlyList<string> aliases, string? doc)
        : base(type)
    {
        FullName = fullName;
        Aliases = aliases;
        Doc = doc;
    }

    /// <summary>With its namespace, e.g. <c>assay.ContractPrice</c>.</summary>
    public string FullName { get; }

    /// <summary>Without its namespace.</summary>
    public string Name => FullName.Substring(FullName.LastIndexOf('.') + 1);

    /// <summary>The empty string where there is none.</summary>
    public string Namespace => FullName.Substring(0, Math.Max(0, FullName.LastIndexOf('.')));

    /// <summary>Full names under which a writer may know this type.</summary>
    public IReadOnlyList<string> Aliases { get; }

    public string? Doc { get; }

    public override string TypeName => FullName;

    /// <summary>The schema's own <c>csharp-name</c>: what the generator calls the type; null: <see cref="Name"/>.</summary>
    internal string? CSharpName { get; set; }
}

public sealed class RecordSchema : NamedSchema
{
    internal RecordSchema(string fullName, IReadOnlyList<string> aliases, string? doc)
        : base(AvroType.Record, fullName, aliases, doc)
    {
    }

    /// <summary>In the order in which they are encoded.</summary>
    public IReadOnlyList<AvroField> Fields { get; internal set; } = [];
}

public sealed class EnumSchema : NamedSchema
{
    internal EnumSchema(string fullName, IReadOnlyList<string> aliases, string? doc, IReadOnlyList<string> symbols, string? @default)
        : base(AvroType.Enum, fullName, aliases, doc)
    {
        Symbols = symbols;
        Default = @default;
    }

    public IReadOnlyList<string> Symbols { get; }

    /// <summary>What a reader takes for a symbol it does not know; null: that is an error.</summary>
    public string? Default { get; }
}

public sealed class FixedSchema : NamedSchema
{
    internal FixedSchema(string fullName, IReadOnlyList<string> aliases, string? doc, int size)
        : base(AvroType.Fixed, fullName, aliases, doc) => Size = size;

    /// <summary>In bytes.</summary>
    public int Size { get; }
}

/// <summary>One field of a record.</summary>
public sealed class AvroField
{
    internal AvroField(string name, AvroSchema schema, JsonValue? @default, IReadOnlyList<string> aliases, string? doc, bool interned)
    {
        Name = name;
        Schema = schema;
        Default = @default;
        Aliases = aliases;
        Doc = doc;
        IsInterned = interned;
    }

    public string Name { get; }

    public AvroSchema Schema { get; }

    /// <summary>Whether a reader has a value for it where the writer has no such field.</summary>
    public bool HasDefault => Default is not null;

    /// <summary>Names under which a writer may know this field.</summary>
    public IReadOnlyList<string> Aliases { get; }

    public string? Doc { get; }

    internal JsonValue? Default { get; }

    /// <summary>The schema's own <c>csharp-intern</c>: the same few short strings come again and again.</summary>
    internal bool IsInterned { get; }
}
