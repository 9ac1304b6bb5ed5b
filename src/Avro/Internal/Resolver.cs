namespace Assay.Avro.Internal;

/// <summary>Compiles a writer's and a reader's schema into a plan (specification, "Schema Resolution").</summary>
/// <remarks>
/// A mismatch that each value would meet is an error at once; one in a branch of the writer's union waits until a value takes that branch.
/// Plans are remembered by their pair of schemas, which is what ends the recursion of recursive types.
/// </remarks>
internal sealed class Resolver
{
    private readonly Dictionary<(AvroSchema, AvroSchema), AvroReadPlan> _plans = [];
    private readonly List<(AvroSchema, AvroSchema)> _order = [];

    public static AvroReadPlan Resolve(AvroSchema writer, AvroSchema reader)
    {
        string root = reader is NamedSchema named ? named.FullName : reader.TypeName;
        return new Resolver().Plan(writer, reader, root);
    }

    private AvroReadPlan Plan(AvroSchema writer, AvroSchema reader, string path)
    {
        if (_plans.TryGetValue((writer, reader), out AvroReadPlan? plan))
            return plan;
        plan = new AvroReadPlan(writer, reader) { IsSame = SchemaMatch.IsSame(writer, reader) };
        _plans.Add((writer, reader), plan);
        _order.Add((writer, reader));
        switch (writer, reader)
        {
            case (UnionSchema w, _):
                plan.Branches = [.. w.Branches.Select(branch => BranchPlan(branch, reader, path))];
                if (plan.Branches.Length > 0 && Array.TrueForAll(plan.Branches, branch => branch.Mismatch is not null))
                    throw new AvroException(plan.Branches[0].Mismatch!);
                break;
            case (_, UnionSchema r):
                plan.Branch = SchemaMatch.Branch(writer, r);
                if (plan.Branch < 0)
                    throw Mismatch(path, $"the writer's {writer.TypeName} is none of the types of the reader's union");
                plan.ItemPlan = Plan(writer, r.Branches[plan.Branch], path);
                break;
            case (RecordSchema w, RecordSchema r) when SchemaMatch.NamesMatch(w, r):
                plan.FieldPlans = Fields(w, r, path);
                break;
            case (EnumSchema w, EnumSchema r) when SchemaMatch.NamesMatch(w, r):
                plan.Symbols = Symbols(w, r);
                break;
            case (FixedSchema w, FixedSchema r) when SchemaMatch.NamesMatch(w, r):
                if (w.Size != r.Size)
                    throw Mismatch(path, $"the writer's fixed has {w.Size} bytes, the reader's {r.Size}");
                break;
            case (ArraySchema w, ArraySchema r):
                plan.ItemMinimum = w.ItemMinimum;
                plan.ItemPlan = Plan(w.Items, r.Items, path + "[]");
                break;
            case (MapSchema w, MapSchema r):
                plan.ItemMinimum = w.ValueMinimum;
                plan.ItemPlan = Plan(w.Values, r.Values, path + "[]");
                break;
            case (PrimitiveSchema, PrimitiveSchema) when writer.Type == reader.Type || SchemaMatch.Promotes(writer.Type, reader.Type):
                break;
            default:
                throw Mismatch(path, $"the writer's {writer.TypeName} cannot be read as {reader.TypeName}");
        }
        return plan;
    }

    private AvroReadPlan BranchPlan(AvroSchema branch, AvroSchema reader, string path)
    {
        int known = _order.Count;
        try
        {
            return Plan(branch, reader, path);
        }
        catch (AvroException mismatch)
        {
            // What was begun since may hang on the plan that failed.
            for (int i = known; i < _order.Count; i++)
                _plans.Remove(_order[i]);
            _order.RemoveRange(known, _order.Count - known);
            return new AvroReadPlan(branch, reader) { Mismatch = mismatch.Message };
        }
    }

    private AvroFieldPlan[] Fields(RecordSchema writer, RecordSchema reader, string path)
    {
        int[] matches = SchemaMatch.Fields(writer, reader);
        AvroFieldPlan[] plans = new AvroFieldPlan[writer.Fields.Count];
        for (int i = 0; i < plans.Length; i++)
            plans[i] = new AvroFieldPlan(-1, null, writer.Fields[i].Schema);
        for (int i = 0; i < matches.Length; i++)
        {
            AvroField field = reader.Fields[i];
            if (matches[i] >= 0)
            {
                AvroSchema schema = writer.Fields[matches[i]].Schema;
                plans[matches[i]] = new AvroFieldPlan(i, Plan(schema, field.Schema, $"{path}.{field.Name}"), schema);
            }
            else if (!field.HasDefault)
            {
                throw Mismatch($"{path}.{field.Name}", "the writer has no such field and the reader no default for it");
            }
        }
        return plans;
    }

    private static int[] Symbols(EnumSchema writer, EnumSchema reader)
    {
        int fallback = reader.Default is null ? -1 : IndexOf(reader, reader.Default);
        return [.. writer.Symbols.Select(symbol => IndexOf(reader, symbol) is >= 0 and int index ? index : fallback)];
    }

    private static int IndexOf(EnumSchema schema, string symbol)
    {
        for (int i = 0; i < schema.Symbols.Count; i++)
        {
            if (schema.Symbols[i] == symbol)
                return i;
        }
        return -1;
    }

    private static AvroException Mismatch(string path, string why) => new($"{path}: {why}.");
}
