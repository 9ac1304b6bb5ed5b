using System.Collections.Immutable;
using Assay.Avro.Internal;

namespace Assay.Avro.Generator.Internal;

/// <summary>From a schema's text to the C# types it defines.</summary>
internal static class SchemaCompiler
{
    public static CompiledFile Compile(SchemaFile file, string rootNamespace)
    {
        try
        {
            List<NamedSchema> named = [];
            CollectNamed(SchemaParser.Parse(file.Text), named);
            CSharpNames names = new(rootNamespace, named);
            ImmutableArray<GeneratedType> types =
            [
                .. named.Where(schema => schema is RecordSchema or EnumSchema)
                    .Select(schema => new GeneratedType(CSharpNames.TypeName(schema), Emit(schema, names), file.Path)),
            ];
            return new CompiledFile(new EquatableArray<GeneratedType>(types), default);
        }
        catch (SchemaException mistake)
        {
            return Failed(new Mistake(mistake.Message, file.Path, mistake.Line, mistake.Column));
        }
    }

    /// <summary>All files together: a type that several files define alike is generated once, one that they define differently is a mistake.</summary>
    public static CompiledFile Merge(EquatableArray<CompiledFile> files)
    {
        Dictionary<string, GeneratedType> types = new(StringComparer.Ordinal);
        List<Mistake> mistakes = [];
        foreach (CompiledFile file in files.Items)
        {
            mistakes.AddRange(file.Mistakes.Items);
            foreach (GeneratedType type in file.Types.Items)
            {
                if (!types.TryGetValue(type.Name, out GeneratedType? other))
                    types.Add(type.Name, type);
                else if (other.Source != type.Source)
                    mistakes.Add(new Mistake(Conflict(type, other), type.Path, 1, 1));
            }
        }
        return new CompiledFile(new EquatableArray<GeneratedType>([.. types.Values]), new EquatableArray<Mistake>([.. mistakes]));
    }

    private static string Conflict(GeneratedType type, GeneratedType other) =>
        $"{System.IO.Path.GetFileName(other.Path)} defines {type.Name} otherwise; give one of them another C# name with \"csharp-name\"";

    private static CompiledFile Failed(Mistake mistake) => new(default, new EquatableArray<Mistake>([mistake]));

    private static string Emit(NamedSchema schema, CSharpNames names) =>
        schema is RecordSchema record ? new RecordCode(record, names).Write() : EnumCode.Write((EnumSchema)schema, names);

    private static void CollectNamed(AvroSchema schema, List<NamedSchema> named)
    {
        switch (schema)
        {
            case NamedSchema known when named.Contains(known):
                break;
            case RecordSchema record:
                named.Add(record);
                foreach (AvroField field in record.Fields)
                    CollectNamed(field.Schema, named);
                break;
            case NamedSchema other:
                named.Add(other);
                break;
            case ArraySchema array:
                CollectNamed(array.Items, named);
                break;
            case MapSchema map:
                CollectNamed(map.Values, named);
                break;
            case UnionSchema union:
                foreach (AvroSchema branch in union.Branches)
                    CollectNamed(branch, named);
                break;
        }
    }
}
