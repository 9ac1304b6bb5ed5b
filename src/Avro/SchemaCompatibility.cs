using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Whether all that one schema wrote can be read with another (what a schema registry calls BACKWARD, with the new schema as the reader).</summary>
public sealed class SchemaCompatibility
{
    private readonly HashSet<(AvroSchema, AvroSchema)> _checked = [];
    private readonly List<string> _messages = [];

    private SchemaCompatibility()
    {
    }

    /// <returns>One sentence for each thing in the way, with its path, e.g. <c>assay.ApiPrice.price: …</c>; empty where the schemas are compatible.</returns>
    public static IReadOnlyList<string> Check(AvroSchema reader, AvroSchema writer)
    {
        SchemaCompatibility check = new();
        check.Compare(reader, writer, reader.TypeName);
        return check._messages;
    }

    private void Compare(AvroSchema reader, AvroSchema writer, string path)
    {
        if (!_checked.Add((reader, writer)))
            return;
        switch (reader, writer)
        {
            case (_, UnionSchema w):
                foreach (AvroSchema branch in w.Branches)
                    Compare(reader, branch, path);
                break;
            case (UnionSchema r, _):
                if (SchemaMatch.Branch(writer, r) is >= 0 and int match)
                    Compare(r.Branches[match], writer, path);
                else
                    Report(path, $"the writer's {writer.TypeName} is none of the types of the reader's union");
                break;
            case (RecordSchema r, RecordSchema w) when SchemaMatch.NamesMatch(w, r):
                CompareFields(r, w, path);
                break;
            case (EnumSchema r, EnumSchema w) when SchemaMatch.NamesMatch(w, r):
                List<string> unknown = [.. w.Symbols.Except(r.Symbols)];
                if (unknown.Count > 0 && r.Default is null)
                    Report(path, $"the reader's enum has no default and lacks the writer's {string.Join(", ", unknown)}");
                break;
            case (FixedSchema r, FixedSchema w) when SchemaMatch.NamesMatch(w, r):
                if (r.Size != w.Size)
                    Report(path, $"the writer's fixed has {w.Size} bytes, the reader's {r.Size}");
                break;
            case (ArraySchema r, ArraySchema w):
                Compare(r.Items, w.Items, path + "[]");
                break;
            case (MapSchema r, MapSchema w):
                Compare(r.Values, w.Values, path + "[]");
                break;
            case (PrimitiveSchema, PrimitiveSchema) when writer.Type == reader.Type || SchemaMatch.Promotes(writer.Type, reader.Type):
                break;
            default:
                Report(path, $"the writer's {writer.TypeName} cannot be read as {reader.TypeName}");
                break;
        }
    }

    private void CompareFields(RecordSchema reader, RecordSchema writer, string path)
    {
        int[] matches = SchemaMatch.Fields(writer, reader);
        for (int i = 0; i < matches.Length; i++)
        {
            AvroField field = reader.Fields[i];
            if (matches[i] >= 0)
                Compare(field.Schema, writer.Fields[matches[i]].Schema, $"{path}.{field.Name}");
            else if (!field.HasDefault)
                Report($"{path}.{field.Name}", "the writer has no such field and the reader no default for it");
        }
    }

    private void Report(string path, string why) => _messages.Add($"{path}: {why}.");
}
