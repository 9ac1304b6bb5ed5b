namespace Assay.Avro.Internal;

/// <summary>The rules by which a reader's schema matches a writer's (specification, "Schema Resolution"), looking at one level only.</summary>
internal static class SchemaMatch
{
    /// <summary>Whether a value of one primitive type can be read as another.</summary>
    public static bool Promotes(AvroType writer, AvroType reader) => (writer, reader) switch
    {
        (AvroType.Int, AvroType.Long or AvroType.Float or AvroType.Double) => true,
        (AvroType.Long, AvroType.Float or AvroType.Double) => true,
        (AvroType.Float, AvroType.Double) => true,
        (AvroType.String, AvroType.Bytes) or (AvroType.Bytes, AvroType.String) => true,
        _ => false,
    };

    /// <summary>Named types match by their name without namespace, or by an alias of the reader's.</summary>
    public static bool NamesMatch(NamedSchema writer, NamedSchema reader) =>
        writer.Name == reader.Name || reader.Aliases.Contains(writer.FullName);

    /// <summary>The branch of the reader's union for a value that is not of a union; -1 where none fits. The same type goes before a promotion.</summary>
    public static int Branch(AvroSchema writer, UnionSchema reader)
    {
        int matching = -1;
        int promoting = -1;
        for (int i = 0; i < reader.Branches.Count; i++)
        {
            AvroSchema branch = reader.Branches[i];
            if (branch.Type == writer.Type)
            {
                if (branch is not NamedSchema named || named.FullName == ((NamedSchema)writer).FullName)
                    return i;
                if (matching < 0 && NamesMatch((NamedSchema)writer, named))
                    matching = i;
            }
            else if (promoting < 0 && Promotes(writer.Type, branch.Type))
            {
                promoting = i;
            }
        }
        return matching >= 0 ? matching : promoting;
    }

    /// <summary>For each field of the reader the writer's field that holds it, by name, else by alias; -1 where there is none.</summary>
    public static int[] Fields(RecordSchema writer, RecordSchema reader)
    {
        int[] matches = new int[reader.Fields.Count];
        bool[] taken = new bool[writer.Fields.Count];
        for (int i = 0; i < matches.Length; i++)
            matches[i] = Take(writer, reader.Fields[i].Name, taken);
        for (int i = 0; i < matches.Length; i++)
        {
            for (int a = 0; matches[i] < 0 && a < reader.Fields[i].Aliases.Count; a++)
                matches[i] = Take(writer, reader.Fields[i].Aliases[a], taken);
        }
        return matches;
    }

    /// <summary>Whether both schemas mean the same bytes and the same values, all the way down.</summary>
    public static bool IsSame(AvroSchema writer, AvroSchema reader) => IsSame(writer, reader, []);

    private static int Take(RecordSchema writer, string name, bool[] taken)
    {
        for (int i = 0; i < taken.Length; i++)
        {
            if (writer.Fields[i].Name != name || taken[i])
                continue;
            taken[i] = true;
            return i;
        }
        return -1;
    }

    private static bool IsSame(AvroSchema writer, AvroSchema reader, HashSet<(AvroSchema, AvroSchema)> assumed)
    {
        if (writer.Type != reader.Type || writer.Logical != reader.Logical || writer.Scale != reader.Scale)
            return false;
        if (writer is NamedSchema named && !NamesMatch(named, (NamedSchema)reader))
            return false;
        switch (writer, reader)
        {
            case (RecordSchema w, RecordSchema r):
                if (!assumed.Add((w, r)))
                    return true;
                return w.Fields.Count == r.Fields.Count
                    && w.Fields.Zip(r.Fields).All(pair => pair.First.Name == pair.Second.Name && IsSame(pair.First.Schema, pair.Second.Schema, assumed));
            case (EnumSchema w, EnumSchema r):
                return w.Symbols.SequenceEqual(r.Symbols);
            case (FixedSchema w, FixedSchema r):
                return w.Size == r.Size;
            case (ArraySchema w, ArraySchema r):
                return IsSame(w.Items, r.Items, assumed);
            case (MapSchema w, MapSchema r):
                return IsSame(w.Values, r.Values, assumed);
            case (UnionSchema w, UnionSchema r):
                return w.Branches.Count == r.Branches.Count && w.Branches.Zip(r.Branches).All(pair => IsSame(pair.First, pair.Second, assumed));
            default:
                return true;
        }
    }
}
