using System.Text;
using Assay.Avro.Internal;

namespace Assay.Avro.Generator.Internal;

/// <summary>What Avro's names become in C#.</summary>
internal sealed class CSharpNames
{
    /// <summary>Members that a generated record has already.</summary>
    private static readonly string[] Reserved =
    [
        "Schema", "Read", "Write", "Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "ReferenceEquals", "PrintMembers",
        "EqualityContract", "Clone",
    ];

    /// <exception cref="SchemaException">A name is none in C#, or two types get the same.</exception>
    public CSharpNames(string rootNamespace, IReadOnlyList<NamedSchema> named)
    {
        Namespace = rootNamespace;
        if (named.FirstOrDefault(schema => !SchemaWords.IsName(TypeName(schema))) is { } wrong)
            throw new SchemaException($"\"{TypeName(wrong)}\" cannot be a type's name in C#", 1, 1);
        foreach (IGrouping<string, NamedSchema> same in named.GroupBy(TypeName, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            string types = string.Join(" and ", same.Select(schema => schema.FullName));
            throw new SchemaException($"{types} would both be called {same.Key} in C#; give one of them another name with \"csharp-name\"", 1, 1);
        }
    }

    public string Namespace { get; }

    public static string TypeName(NamedSchema schema) => schema.CSharpName ?? Pascal(schema.Name);

    /// <summary>The name with its namespace, so that nothing nested hides it.</summary>
    public string Qualified(NamedSchema schema) => Namespace.Length == 0 ? $"global::{TypeName(schema)}" : $"global::{Namespace}.{TypeName(schema)}";

    /// <summary>A property for each field, in their order.</summary>
    /// <exception cref="SchemaException">Two fields get the same name.</exception>
    public static string[] Properties(RecordSchema record)
    {
        string[] names = [.. record.Fields.Select(field => Pascal(field.Name))];
        for (int i = 0; i < names.Length; i++)
        {
            // A member cannot be called as its type, nor as another member.
            if (names[i] == TypeName(record) || Array.IndexOf(Reserved, names[i]) >= 0)
                names[i] += "Value";
        }
        Distinct(names, record, "fields");
        return names;
    }

    /// <exception cref="SchemaException">Two symbols get the same name.</exception>
    public static string[] Symbols(EnumSchema schema)
    {
        string[] names = [.. schema.Symbols.Select(Pascal)];
        Distinct(names, schema, "symbols");
        return names;
    }

    /// <summary><c>round_id</c> → RoundId, <c>roundId</c> → RoundId, <c>ROUND_ID</c> → RoundId.</summary>
    public static string Pascal(string name)
    {
        StringBuilder pascal = new();
        foreach (string part in name.Split(['_'], StringSplitOptions.RemoveEmptyEntries))
        {
            bool shouted = part.Length > 1 && !part.Any(char.IsLower);
            pascal.Append(char.ToUpperInvariant(part[0])).Append(shouted ? part.Substring(1).ToLowerInvariant() : part.Substring(1));
        }
        return pascal.Length == 0 || char.IsDigit(pascal[0]) ? "N" + pascal : pascal.ToString();
    }

    private static void Distinct(string[] names, NamedSchema schema, string what)
    {
        string? twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new SchemaException($"two {what} of {schema.FullName} would both be called {twice} in C#", 1, 1);
    }
}
