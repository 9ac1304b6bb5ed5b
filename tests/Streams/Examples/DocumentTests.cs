using System.Reflection;
using System.Runtime.CompilerServices;

namespace Assay.Streams.Tests.Examples;

/// <summary>Keeps <c>docs/streams.md</c> honest: its code is the code of these tests, and it leaves no operator out.</summary>
public sealed class DocumentTests
{
    private static readonly string[] Document = File.ReadAllLines(Repository.File("docs", "streams.md"));

    [Fact]
    public void The_documents_code_is_the_examples_code()
    {
        List<string> blocks = Blocks(Document, line => line == "```csharp", line => line == "```");
        List<string> examples = [.. Directory.EnumerateFiles(Repository.File("tests", "Streams", "Examples"), "*Examples.cs").Order(StringComparer.Ordinal)
            .SelectMany(file => Blocks(File.ReadAllLines(file), line => line == "// doc", line => line == "// end"))];

        Assert.NotEmpty(blocks);
        Assert.Empty(blocks.Except(examples));
        Assert.Empty(examples.Except(blocks));
    }

    [Fact]
    public void Every_operator_stands_in_an_example()
    {
        string code = string.Concat(Blocks(Document, line => line == "```csharp", line => line == "```"));

        IEnumerable<string> missing = DslTypes().SelectMany(type => type
                .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(method => !method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null && method.GetBaseDefinition().DeclaringType == type)
                .Select(method => method.Name).Distinct()
                .Where(name => !code.Contains($".{name}(", StringComparison.Ordinal))
                .Select(name => $"{type.Name}.{name}"));

        Assert.Empty(missing);
    }

    /// <summary>What the builder gives, what those give, and so on; and classes that add operators to them.</summary>
    private static IEnumerable<Type> DslTypes()
    {
        HashSet<Type> found = [typeof(StreamsBuilder), typeof(TimeWindows), typeof(SlidingWindows), typeof(SessionWindows), typeof(JoinWindows), typeof(Suppressed), typeof(BufferConfig)];
        Queue<Type> open = new(found);
        Type[] extensions = [.. typeof(StreamsBuilder).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(ExtensionAttribute)) && type.Name != "KeyValueStoreExtensions")];
        while (open.TryDequeue(out Type? type))
        {
            yield return type;
            IEnumerable<Type> next = type.GetMethods().Select(method => method.ReturnType)
                .Concat(extensions.Where(extension => extension.GetMethods().Any(method => method.IsStatic && Plain(method.GetParameters()[0].ParameterType) == type)))
                .Select(Plain).Where(result => result.Assembly == type.Assembly && (result.Name.StartsWith('K') || result.Name.EndsWith("`2", StringComparison.Ordinal)) && !result.IsValueType);
            foreach (Type result in next.Where(found.Add))
                open.Enqueue(result);
        }
    }

    private static Type Plain(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    /// <summary>Without indentation and empty lines.</summary>
    private static List<string> Blocks(string[] lines, Predicate<string> begins, Predicate<string> ends)
    {
        List<string> blocks = [];
        List<string>? block = null;
        foreach (string line in lines.Select(line => line.Trim()))
        {
            if (begins(line))
                block = [];
            else if (block is not null && ends(line))
            {
                blocks.Add(string.Join('\n', block));
                block = null;
            }
            else if (line.Length > 0)
                block?.Add(line);
        }
        return blocks;
    }
}
