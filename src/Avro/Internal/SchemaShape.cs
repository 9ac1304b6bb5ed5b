namespace Assay.Avro.Internal;

/// <summary>What a schema says about the bytes of its values.</summary>
internal static class SchemaShape
{
    /// <summary>The fewest bytes a value can take. A lower bound, at most <see cref="int.MaxValue"/>.</summary>
    public static int MinimumSize(AvroSchema schema) => (int)Math.Min(int.MaxValue, MinimumSize(schema, []));

    /// <summary>Whether a value of the record can hold, somewhere inside, another value of the record.</summary>
    public static bool IsRecursive(RecordSchema record) => record.Fields.Any(field => Reaches(field.Schema, record, []));

    private static long MinimumSize(AvroSchema schema, Dictionary<RecordSchema, long> known)
    {
        switch (schema)
        {
            case RecordSchema record:
                if (known.TryGetValue(record, out long size))
                    return size;
                // Counts as nothing within itself; only a type that no value can have holds itself directly.
                known[record] = 0;
                foreach (AvroField field in record.Fields)
                    size = Math.Min(int.MaxValue, size + MinimumSize(field.Schema, known));
                return known[record] = size;
            case FixedSchema bytes:
                return bytes.Size;
            default:
                return schema.Type switch
                {
                    AvroType.Null => 0,
                    AvroType.Float => sizeof(float),
                    AvroType.Double => sizeof(double),
                    _ => 1,
                };
        }
    }

    private static bool Reaches(AvroSchema schema, RecordSchema target, HashSet<AvroSchema> seen) => schema switch
    {
        RecordSchema record => ReferenceEquals(record, target)
            || (seen.Add(record) && record.Fields.Any(field => Reaches(field.Schema, target, seen))),
        ArraySchema array => Reaches(array.Items, target, seen),
        MapSchema map => Reaches(map.Values, target, seen),
        UnionSchema union => union.Branches.Any(branch => Reaches(branch, target, seen)),
        _ => false,
    };
}
