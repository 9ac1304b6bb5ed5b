using System.Globalization;

namespace Assay.Avro.Internal;

/// <summary>Turns a schema's JSON into <see cref="AvroSchema"/> (Avro specification 1.12, "Schema Declaration", "Names", "Aliases", "Logical Types").</summary>
/// <remarks>
/// Names are resolved in the order of the text, as the specification asks: a type can be named after its definition began.
/// A logical type that is unknown or does not fit its type is ignored, as the specification asks.
/// Of Assay's own are the attributes <c>csharp-name</c> (of a named type) and <c>csharp-intern</c> (of a string field).
/// </remarks>
internal sealed class SchemaParser
{
    /// <summary>More than any real schema has; whoever walks along a chain of types has the stack for so many.</summary>
    private const int MaximumTypes = 500;

    /// <summary>A decimal of more digits is read as its bytes, for nobody should be made to print a billion zeros.</summary>
    private const int MaximumPrecision = 2_500;

    private readonly Dictionary<string, NamedSchema> _named = new(StringComparer.Ordinal);
    private readonly List<(AvroField Field, string Path)> _defaults = [];

    /// <exception cref="SchemaException">The text is not JSON or not a schema.</exception>
    public static AvroSchema Parse(string text)
    {
        SchemaParser parser = new();
        AvroSchema schema = parser.ReadSchema(JsonParser.Parse(text), "");
        // Only now is every record's list of fields complete.
        foreach ((AvroField field, string path) in parser._defaults)
            SchemaDefaults.Check(field.Default!, field.Schema, path);
        return schema;
    }

    private AvroSchema ReadSchema(JsonValue json, string space) => json.Kind switch
    {
        JsonKind.String => Lookup(json, space),
        JsonKind.Array => ReadUnion(json, space),
        JsonKind.Object => ReadObject(json, space),
        _ => throw new SchemaException("a schema is a type's name, an object or an array (a union)", json),
    };

    private AvroSchema Lookup(JsonValue json, string space)
    {
        if (SchemaWords.Primitive(json.Text) is { } primitive)
            return new PrimitiveSchema(primitive);
        // The specification: a name without a dot is looked for in the enclosing namespace; Java's library then tries it without one.
        if (_named.TryGetValue(Qualify(json.Text, space), out NamedSchema? named) || _named.TryGetValue(json.Text, out named))
            return named;
        throw new SchemaException($"there is no type named \"{json.Text}\"; types are defined before they are named, in the same file", json);
    }

    private UnionSchema ReadUnion(JsonValue json, string space)
    {
        List<AvroSchema> branches = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonValue item in json.Items)
        {
            AvroSchema branch = ReadSchema(item, space);
            if (branch.Type == AvroType.Union)
                throw new SchemaException("a union cannot directly hold another union", item);
            if (!seen.Add(branch.TypeName))
                throw new SchemaException($"the union holds {branch.TypeName} twice", item);
            branches.Add(branch);
        }
        return new UnionSchema(branches);
    }

    private AvroSchema ReadObject(JsonValue json, string space)
    {
        JsonValue type = json["type"] ?? throw new SchemaException("the schema has no \"type\"", json);
        if (type.Kind != JsonKind.String)
            return WithLogicalType(ReadSchema(type, space), json, type);
        return type.Text switch
        {
            "record" or "error" => ReadRecord(json, space),
            "enum" => ReadEnum(json, space),
            "fixed" => WithLogicalType(ReadFixed(json, space), json, type),
            "array" => new ArraySchema(ReadSchema(Required(json, "items"), space)),
            "map" => new MapSchema(ReadSchema(Required(json, "values"), space)),
            _ => WithLogicalType(Lookup(type, space), json, type),
        };
    }

    private RecordSchema ReadRecord(JsonValue json, string space)
    {
        string fullName = FullName(json, space);
        RecordSchema record = Define(new RecordSchema(fullName, Aliases(json, fullName), Text(json, "doc")), json);
        List<AvroField> fields = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        JsonValue list = Required(json, "fields");
        if (list.Kind != JsonKind.Array)
            throw new SchemaException($"\"fields\" of {fullName} is not an array", list);
        foreach (JsonValue item in list.Items)
        {
            string name = Name(item);
            if (!names.Add(name))
                throw new SchemaException($"{fullName} has two fields named \"{name}\"", item);
            AvroSchema schema = ReadSchema(Required(item, "type"), record.Namespace);
            AvroField field = new(name, schema, item["default"], Strings(item, "aliases"), Text(item, "doc"), item["csharp-intern"]?.Text == "true");
            if (field.HasDefault)
                _defaults.Add((field, $"{fullName}.{name}"));
            fields.Add(field);
        }
        record.Fields = fields;
        return record;
    }

    private EnumSchema ReadEnum(JsonValue json, string space)
    {
        string fullName = FullName(json, space);
        JsonValue list = Required(json, "symbols");
        List<string> symbols = Strings(json, "symbols");
        foreach (string symbol in symbols)
        {
            if (!SchemaWords.IsName(symbol))
                throw new SchemaException($"\"{symbol}\" of {fullName} cannot be a symbol: letters, digits and underscores, not starting with a digit", list);
        }
        if (symbols.Distinct(StringComparer.Ordinal).Count() < symbols.Count)
            throw new SchemaException($"{fullName} has a symbol twice", list);
        string? fallback = Text(json, "default");
        if (fallback is not null && !symbols.Contains(fallback))
            throw new SchemaException($"the default \"{fallback}\" of {fullName} is none of its symbols", json["default"]!);
        return Define(new EnumSchema(fullName, Aliases(json, fullName), Text(json, "doc"), symbols, fallback), json);
    }

    private FixedSchema ReadFixed(JsonValue json, string space)
    {
        string fullName = FullName(json, space);
        JsonValue size = Required(json, "size");
        return Define(new FixedSchema(fullName, Aliases(json, fullName), Text(json, "doc"), Integer(size, "\"size\"")), json);
    }

    private T Define<T>(T schema, JsonValue json) where T : NamedSchema
    {
        if (_named.ContainsKey(schema.FullName))
            throw new SchemaException($"{schema.FullName} is defined twice", json);
        if (_named.Count >= MaximumTypes)
            throw new SchemaException($"the schema defines more than {MaximumTypes} types", json);
        schema.CSharpName = Text(json, "csharp-name");
        _named.Add(schema.FullName, schema);
        return schema;
    }

    private static AvroSchema WithLogicalType(AvroSchema schema, JsonValue json, JsonValue type)
    {
        if (json["logicalType"] is not { Kind: JsonKind.String } word)
            return schema;
        AvroLogicalType logical = SchemaWords.Logical(word.Text);
        // A type defined elsewhere is not changed by one that names it.
        if (!SchemaWords.Fits(logical, schema) || (schema is NamedSchema && type.Text != "fixed"))
            return schema;
        if (logical == AvroLogicalType.Decimal)
        {
            int precision = json["precision"] is { } p ? Integer(p, "\"precision\"") : 0;
            int scale = json["scale"] is { } s ? Integer(s, "\"scale\"") : 0;
            if (precision < 1 || scale > precision || precision > MaximumPrecision)
                return schema;
            schema.Precision = precision;
            schema.Scale = scale;
        }
        schema.Logical = logical;
        return schema;
    }

    private static string FullName(JsonValue json, string space)
    {
        string name = Required(json, "name") is { Kind: JsonKind.String } text ? text.Text : throw new SchemaException("\"name\" is not a string", json);
        string fullName = name.LastIndexOf('.') >= 0 ? name : Qualify(name, Text(json, "namespace") ?? space);
        if (!fullName.Split('.').All(SchemaWords.IsName) || SchemaWords.Primitive(fullName) is not null)
            throw new SchemaException($"\"{fullName}\" cannot be a type's name", json);
        return fullName;
    }

    private static string Name(JsonValue json)
    {
        if (json.Kind != JsonKind.Object)
            throw new SchemaException("a field is an object with \"name\" and \"type\"", json);
        JsonValue name = Required(json, "name");
        return name.Kind == JsonKind.String && SchemaWords.IsName(name.Text)
            ? name.Text
            : throw new SchemaException($"\"{name.Text}\" cannot be a field's name: letters, digits and underscores, not starting with a digit", name);
    }

    private static string Qualify(string name, string space) => space.Length == 0 || name.LastIndexOf('.') >= 0 ? name : space + "." + name;

    private static List<string> Aliases(JsonValue json, string fullName)
    {
        string space = fullName.Substring(0, Math.Max(0, fullName.LastIndexOf('.')));
        return Strings(json, "aliases").ConvertAll(alias => Qualify(alias, space));
    }

    private static JsonValue Required(JsonValue json, string name) => json[name] ?? throw new SchemaException($"\"{name}\" is missing", json);

    private static string? Text(JsonValue json, string name) => json[name] switch
    {
        null => null,
        { Kind: JsonKind.String } value => value.Text,
        { } other => throw new SchemaException($"\"{name}\" is not a string", other),
    };

    private static List<string> Strings(JsonValue json, string name)
    {
        if (json[name] is not { } list)
            return [];
        if (list.Kind != JsonKind.Array || list.Items.Exists(item => item.Kind != JsonKind.String))
            throw new SchemaException($"\"{name}\" is not an array of strings", list);
        return list.Items.ConvertAll(item => item.Text);
    }

    private static int Integer(JsonValue json, string what) =>
        json.Kind == JsonKind.Number && int.TryParse(json.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new SchemaException($"{what} is not a whole number from 0 to {int.MaxValue}", json);
}
