using Assay.Avro.Internal;

namespace Assay.Avro.Generator.Internal;

/// <summary>Writes a record's methods for arrays, maps and unions: for each one that reads its own schema, one that follows a plan, one that writes.</summary>
/// <remarks>They are named by the path to them, its steps separated by <c>_</c>, which no property's name holds: <c>Read_Tags_Item</c>.</remarks>
internal sealed class CompositeCode(CodeText code, ValueCode values)
{
    private const string Reader = "ref global::Assay.Avro.AvroReader reader";
    private const string Plan = "global::Assay.Avro.AvroReadPlan plan";
    private const string Writer = "ref global::Assay.Avro.AvroWriter writer";

    private bool _readsNull;

    /// <param name="schema">Any; what is not composite needs no methods.</param>
    /// <param name="path">The property, then the steps to this value.</param>
    /// <param name="interned">Whether strings here are likely to be known ones.</param>
    public void Write(AvroSchema schema, string path, bool interned = false)
    {
        switch (schema)
        {
            case ArraySchema array:
                WriteArray(array, path);
                Write(array.Items, path + "_Item");
                break;
            case MapSchema map:
                WriteMap(map, path);
                Write(map.Values, path + "_Entry");
                break;
            case UnionSchema union:
                if (ValueCode.IsHierarchy(union))
                    WriteHierarchy(union, path);
                WriteUnion(union, path, interned);
                for (int i = 0; i < union.Branches.Count; i++)
                {
                    if (ValueCode.IsComposite(union.Branches[i]))
                        Write(union.Branches[i], BranchPath(union, path, i));
                }
                break;
            default:
                _readsNull |= schema.Type == AvroType.Null;
                break;
        }
    }

    /// <summary>Once, after all else.</summary>
    public void WriteHelpers()
    {
        if (!_readsNull)
            return;
        code.Line();
        code.Open($"private static object? NoValue({Reader}, {Plan})");
        code.Line("reader.ReadNull(plan);");
        code.Line("return null;");
        code.Close();
    }

    /// <summary>How a union at that path is called; nested composites add to it as <see cref="ValueCode.Type"/> does.</summary>
    public static string UnionName(string path) => path.Replace("_Some", "").Replace("_", "");

    /// <summary>The name of a branch's case, after its Avro type.</summary>
    public static string Case(AvroSchema branch) => branch is NamedSchema named ? CSharpNames.TypeName(named) : branch.Type.ToString();

    /// <summary>A branch keeps its union's path where it is the only one that can be composite.</summary>
    public static string BranchPath(UnionSchema union, string path, int branch) =>
        ValueCode.IsHierarchy(union) ? $"{path}_{Case(union.Branches[branch])}" : $"{path}_Some";

    private void WriteArray(ArraySchema array, string path)
    {
        string item = values.Type(array.Items, UnionName(path + "_Item"));
        string type = $"global::System.Collections.Generic.IReadOnlyList<{item}>";
        foreach (string? plan in new[] { null, "item" })
        {
            OpenRead(type, path, plan);
            code.Line($"global::System.Collections.Generic.List<{item}> items = [];");
            OpenBlocks($"{SchemaShape.MinimumSize(array.Items)}", plan is null ? null : "plan.ItemMinimum");
            code.Line("items.EnsureCapacity(items.Count + count);");
            code.Line("for (; count > 0; count--)");
            code.Line($"    items.Add({Read(array.Items, path + "_Item", plan)});");
            code.Close();
            code.Line("return items;");
            code.Close();
        }
        OpenWrite(type, path);
        code.Line("writer.WriteBlock(value.Count);");
        code.Open("for (int i = 0; i < value.Count; i++)");
        code.Line(WriteCall(array.Items, path + "_Item", "value[i]"));
        code.Close();
        code.Line("writer.WriteEnd();");
        code.Close();
    }

    private void WriteMap(MapSchema map, string path)
    {
        string entry = values.Type(map.Values, UnionName(path + "_Entry"));
        string type = $"global::System.Collections.Generic.IReadOnlyDictionary<string, {entry}>";
        foreach (string? plan in new[] { null, "item" })
        {
            OpenRead(type, path, plan);
            code.Line($"global::System.Collections.Generic.Dictionary<string, {entry}> entries = [];");
            OpenBlocks($"{SchemaShape.MinimumSize(map.Values) + 1}", plan is null ? null : "plan.ItemMinimum + 1");
            code.Line("for (; count > 0; count--)");
            code.Line($"    entries[reader.ReadString()] = {Read(map.Values, path + "_Entry", plan)};");
            code.Close();
            code.Line("return entries;");
            code.Close();
        }
        OpenWrite(type, path);
        code.Line("writer.WriteBlock(value.Count);");
        code.Open($"foreach (global::System.Collections.Generic.KeyValuePair<string, {entry}> entry in value)");
        code.Line("writer.WriteString(entry.Key);");
        code.Line(WriteCall(map.Values, path + "_Entry", "entry.Value"));
        code.Close();
        code.Line("writer.WriteEnd();");
        code.Close();
    }

    private void WriteUnion(UnionSchema union, string path, bool interned)
    {
        string type = values.Type(union, UnionName(path));
        foreach (string? plan in new[] { null, "plan.Item" })
        {
            OpenRead(type, path, plan);
            code.Open(plan is null ? $"switch (reader.ReadIndex({union.Branches.Count}))" : "switch (plan.Branch)");
            for (int i = 0; i < union.Branches.Count; i++)
            {
                AvroSchema branch = union.Branches[i];
                string value = branch.Type == AvroType.Null ? "null" : Read(branch, BranchPath(union, path, i), plan, interned);
                if (ValueCode.IsHierarchy(union) && branch.Type != AvroType.Null)
                    value = $"new {UnionName(path)}Value.{Case(branch)}({value})";
                code.Line(i == union.Branches.Count - 1 ? "default:" : $"case {i}:");
                code.Line($"    return {value};");
            }
            code.Close();
            code.Close();
        }
        OpenWrite(type, path);
        code.Open("switch (value)");
        for (int i = 0; i < union.Branches.Count; i++)
        {
            AvroSchema branch = union.Branches[i];
            bool hierarchy = ValueCode.IsHierarchy(union);
            string pattern = branch.Type == AvroType.Null ? "null" : hierarchy ? $"{UnionName(path)}Value.{Case(branch)} some" : "{ } some";
            code.Line($"case {pattern}:");
            code.Line($"    writer.WriteIndex({i}, {union.Branches.Count});");
            if (branch.Type != AvroType.Null)
                code.Line("    " + WriteCall(branch, BranchPath(union, path, i), hierarchy ? "some.Value" : "some"));
            code.Line("    break;");
        }
        if (!ValueCode.HasNull(union))
        {
            code.Line("default:");
            code.Line("    throw new global::Assay.Avro.AvroException(\"Null was given where a value is expected.\");");
        }
        code.Close();
        code.Close();
    }

    private void WriteHierarchy(UnionSchema union, string path)
    {
        string name = UnionName(path) + "Value";
        code.Line();
        code.Line($"/// <summary>One of {string.Join(", ", union.Branches.Where(branch => branch.Type != AvroType.Null).Select(branch => branch.TypeName))}.</summary>");
        code.Open($"public abstract record {name}");
        code.Open($"private {name}()");
        code.Close();
        for (int i = 0; i < union.Branches.Count; i++)
        {
            AvroSchema branch = union.Branches[i];
            if (branch.Type == AvroType.Null)
                continue;
            code.Line();
            code.Line($"public sealed record {Case(branch)}({values.Type(branch, UnionName(BranchPath(union, path, i)))} Value) : {name};");
        }
        code.Close();
    }

    private void OpenRead(string type, string path, string? plan)
    {
        code.Line();
        code.Open($"private static {type} Read_{path}({Reader}{(plan is null ? "" : ", " + Plan)})");
        if (plan is null)
            return;
        code.Line("if (plan.IsSame)");
        code.Line($"    return Read_{path}(ref reader);");
        code.Line("plan = reader.Select(plan);");
        if (plan == "item")
            code.Line("global::Assay.Avro.AvroReadPlan item = plan.Item;");
    }

    private void OpenBlocks(string minimum, string? planned) =>
        code.Open($"for (int count = reader.ReadBlock({planned ?? minimum}); count > 0; count = reader.ReadBlock({planned ?? minimum}))");

    private void OpenWrite(string type, string path)
    {
        code.Line();
        code.Open($"private static void Write_{path}({Writer}, {type} value)");
    }

    private string Read(AvroSchema schema, string path, string? plan, bool interned = false) =>
        ValueCode.IsComposite(schema) ? $"Read_{path}(ref reader{(plan is null ? "" : ", " + plan)})" : values.Read(schema, plan, interned);

    private static string WriteCall(AvroSchema schema, string path, string value) =>
        ValueCode.IsComposite(schema) ? $"Write_{path}(ref writer, {value});" : ValueCode.Write(schema, value);
}
