using Assay.Avro.Internal;

namespace Assay.Avro.Generator.Internal;

/// <summary>Writes the C# record of an Avro record: its properties, and a codec of straight-line calls.</summary>
internal sealed class RecordCode(RecordSchema schema, CSharpNames names)
{
    private readonly CodeText _code = new();
    private readonly ValueCode _values = new(names);
    private readonly string _name = CSharpNames.TypeName(schema);
    private readonly string[] _properties = CSharpNames.Properties(schema);
    private readonly bool _recursive = SchemaShape.IsRecursive(schema);

    public string Write()
    {
        _code.Header(names.Namespace);
        _code.Summary(schema.Doc);
        _code.Open($"public sealed partial record {_name} : global::Assay.Avro.IAvroRecord<{_name}>");
        WriteConstructors();
        for (int i = 0; i < _properties.Length; i++)
            WriteProperty(schema.Fields[i], _properties[i]);
        WriteCodec();
        CompositeCode composites = new(_code, _values);
        for (int i = 0; i < _properties.Length; i++)
            composites.Write(schema.Fields[i].Schema, _properties[i], schema.Fields[i].IsInterned);
        composites.WriteHelpers();
        _code.Close();
        return _code.ToString();
    }

    private void WriteConstructors()
    {
        _code.Open($"public {_name}()");
        _code.Close();
        _code.Line();
        _code.Line("[global::System.Diagnostics.CodeAnalysis.SetsRequiredMembers]");
        _code.Open($"private {_name}(ref global::Assay.Avro.AvroReader reader)");
        WriteNested("reader.Enter();");
        for (int i = 0; i < _properties.Length; i++)
            _code.Line($"{_properties[i]} = {Read(i, plan: null)};");
        WriteNested("reader.Leave();");
        _code.Close();
        _code.Line();
        _code.Line("[global::System.Diagnostics.CodeAnalysis.SetsRequiredMembers]");
        _code.Open($"private {_name}(ref global::Assay.Avro.AvroReader reader, global::Assay.Avro.AvroReadPlan plan)");
        WriteNested("reader.Enter();");
        _code.Open("foreach (global::Assay.Avro.AvroFieldPlan field in reader.Select(plan).Fields)");
        _code.Open("switch (field.Index)");
        for (int i = 0; i < _properties.Length; i++)
        {
            _code.Line($"case {i}:");
            _code.Line($"    {_properties[i]} = {Read(i, "field.Plan")};");
            _code.Line("    break;");
        }
        _code.Line("default:");
        _code.Line("    reader.Skip(field.Writer);");
        _code.Line("    break;");
        _code.Close();
        _code.Close();
        WriteNested("reader.Leave();");
        _code.Close();
        _code.Line();
    }

    private void WriteProperty(AvroField field, string name)
    {
        string type = _values.Type(field.Schema, name);
        string modifier = field.HasDefault ? "" : "required ";
        string value = field.Default is { Kind: not JsonKind.Null } json ? $" = {new DefaultCode(names, _values).Expression(json, field.Schema, name, _name)};" : "";
        _code.Summary(field.Doc);
        _code.Line($"public {modifier}{type} {name} {{ get; init; }}{value}");
        _code.Line();
    }

    private void WriteCodec()
    {
        _code.Line("/// <inheritdoc/>");
        _code.Line("public static global::Assay.Avro.RecordSchema Schema { get; } = (global::Assay.Avro.RecordSchema)global::Assay.Avro.AvroSchema.Parse(");
        _code.Line($"    {CodeText.Literal(schema.ToString())});");
        _code.Line();
        _code.Line("/// <inheritdoc/>");
        _code.Line($"public static {_name} Read(ref global::Assay.Avro.AvroReader reader) => new(ref reader);");
        _code.Line();
        _code.Line("/// <inheritdoc/>");
        _code.Line($"public static {_name} Read(ref global::Assay.Avro.AvroReader reader, global::Assay.Avro.AvroReadPlan plan) =>");
        _code.Line("    plan.IsSame ? new(ref reader) : new(ref reader, plan);");
        _code.Line();
        _code.Line("/// <inheritdoc/>");
        _code.Open("public void Write(ref global::Assay.Avro.AvroWriter writer)");
        WriteNested("writer.Enter();");
        for (int i = 0; i < _properties.Length; i++)
        {
            AvroSchema type = schema.Fields[i].Schema;
            string statement = ValueCode.IsComposite(type) ? $"Write_{_properties[i]}(ref writer, {_properties[i]});" : ValueCode.Write(type, _properties[i]);
            if (statement.Length > 0)
                _code.Line(statement);
        }
        WriteNested("writer.Leave();");
        _code.Close();
    }

    private string Read(int index, string? plan)
    {
        AvroField field = schema.Fields[index];
        return ValueCode.IsComposite(field.Schema)
            ? $"Read_{_properties[index]}(ref reader{(plan is null ? "" : ", " + plan)})"
            : _values.Read(field.Schema, plan, field.IsInterned);
    }

    /// <summary>Only a recursive type can nest without end.</summary>
    private void WriteNested(string line)
    {
        if (_recursive)
            _code.Line(line);
    }
}
