using System.Globalization;
using System.Text;

namespace Assay.Avro.Internal;

/// <summary>Writes schemas as JSON, whole or in parsing canonical form (specification, "Transforming into Parsing Canonical Form").</summary>
internal sealed class SchemaJson
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly bool _canonical;

    private SchemaJson(bool canonical) => _canonical = canonical;

    public static string Write(AvroSchema schema) => new SchemaJson(canonical: false).Run(schema);

    public static string WriteCanonical(AvroSchema schema) => new SchemaJson(canonical: true).Run(schema);

    private string Run(AvroSchema schema)
    {
        Append(schema);
        return _text.ToString();
    }

    private void Append(AvroSchema schema)
    {
        switch (schema)
        {
            case NamedSchema named when !_written.Add(named.FullName):
                String(_text, named.FullName);
                break;
            case NamedSchema named:
                AppendNamed(named);
                break;
            case ArraySchema array:
                _text.Append("{\"type\":\"array\",\"items\":");
                Append(array.Items);
                _text.Append('}');
                break;
            case MapSchema map:
                _text.Append("{\"type\":\"map\",\"values\":");
                Append(map.Values);
                _text.Append('}');
                break;
            case UnionSchema union:
                _text.Append('[');
                AppendSeparated(union.Branches, Append);
                _text.Append(']');
                break;
            case PrimitiveSchema when _canonical || schema.Logical == AvroLogicalType.None:
                String(_text, schema.TypeName);
                break;
            default:
                _text.Append("{\"type\":\"").Append(schema.TypeName).Append('"');
                AppendLogicalType(schema);
                _text.Append('}');
                break;
        }
    }

    private void AppendNamed(NamedSchema schema)
    {
        _text.Append("{\"name\":");
        String(_text, schema.FullName);
        Property("type", SchemaWords.Of(schema.Type));
        if (!_canonical)
        {
            // Within a type that has a namespace, a name without one would be taken for a name of that namespace.
            if (schema.Namespace.Length == 0 && _written.Count > 1)
                Property("namespace", "");
            if (schema.Doc is not null)
                Property("doc", schema.Doc);
            AppendStrings("aliases", schema.Aliases);
        }
        switch (schema)
        {
            case RecordSchema record:
                _text.Append(",\"fields\":[");
                AppendSeparated(record.Fields, AppendField);
                _text.Append(']');
                break;
            case EnumSchema symbols:
                _text.Append(",\"symbols\":[");
                AppendSeparated(symbols.Symbols, symbol => String(_text, symbol));
                _text.Append(']');
                if (!_canonical && symbols.Default is not null)
                    Property("default", symbols.Default);
                break;
            case FixedSchema fixedSchema:
                _text.Append(",\"size\":").Append(fixedSchema.Size.ToString(CultureInfo.InvariantCulture));
                break;
        }
        if (!_canonical)
            AppendLogicalType(schema);
        _text.Append('}');
    }

    private void AppendField(AvroField field)
    {
        _text.Append("{\"name\":");
        String(_text, field.Name);
        _text.Append(",\"type\":");
        Append(field.Schema);
        if (!_canonical)
        {
            if (field.Doc is not null)
                Property("doc", field.Doc);
            if (field.Default is not null)
            {
                _text.Append(",\"default\":");
                AppendJson(field.Default);
            }
            AppendStrings("aliases", field.Aliases);
        }
        _text.Append('}');
    }

    private void AppendLogicalType(AvroSchema schema)
    {
        if (schema.Logical == AvroLogicalType.None)
            return;
        Property("logicalType", SchemaWords.Of(schema.Logical));
        if (schema.Logical == AvroLogicalType.Decimal)
        {
            _text.Append(",\"precision\":").Append(schema.Precision.ToString(CultureInfo.InvariantCulture));
            _text.Append(",\"scale\":").Append(schema.Scale.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void AppendStrings(string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        _text.Append(",\"").Append(name).Append("\":[");
        AppendSeparated(values, value => String(_text, value));
        _text.Append(']');
    }

    private void AppendJson(JsonValue json)
    {
        switch (json.Kind)
        {
            case JsonKind.String:
                String(_text, json.Text);
                break;
            case JsonKind.Array:
                _text.Append('[');
                AppendSeparated(json.Items, AppendJson);
                _text.Append(']');
                break;
            case JsonKind.Object:
                _text.Append('{');
                AppendSeparated(json.Members, member =>
                {
                    String(_text, member.Key);
                    _text.Append(':');
                    AppendJson(member.Value);
                });
                _text.Append('}');
                break;
            default:
                _text.Append(json.Text);
                break;
        }
    }

    private void AppendSeparated<T>(IReadOnlyList<T> items, Action<T> append)
    {
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _text.Append(',');
            append(items[i]);
        }
    }

    private void Property(string name, string value)
    {
        _text.Append(",\"").Append(name).Append("\":");
        String(_text, value);
    }

    private static void String(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c < ' ' || char.IsSurrogate(c))
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }
        text.Append('"');
    }
}
