extern alias generator;

using System.Collections.Immutable;
using generator::Assay.Avro.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Assay.Avro.Tests;

/// <summary>The generator as the compiler runs it.</summary>
public sealed class GeneratorTests
{
    private const string Point = """{"type":"record","name":"Point","namespace":"a","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}""";

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Collections.dll" or "System.Private.CoreLib.dll" or "System.Memory.dll")
            .Append(typeof(AvroSchema).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Fact]
    public void Schema_becomes_a_record_in_the_root_namespace()
    {
        Compilation compiled = Run([new Text("Point.avsc", Point)], out ImmutableArray<Diagnostic> diagnostics);
        Assert.Empty(diagnostics);
        INamedTypeSymbol type = compiled.GetTypeByMetadataName("Root.Space.Point")!;
        Assert.True(type.IsRecord && type.IsSealed);
        Assert.Equal(["X", "Y"], type.GetMembers().OfType<IPropertySymbol>().Where(property => property.IsRequired).Select(property => property.Name));
    }

    [Theory]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"read","type":"int"},{"name":"_1","type":"int"},{"name":"r","type":"string"},{"name":"a_b","type":"int"}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"n","type":"null"},{"name":"u","type":["null"]},{"name":"a","type":{"type":"array","items":"null"}}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"u","type":["null",{"type":"map","values":["null","int","string"]}]}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"u","type":["int",{"type":"array","items":["long",{"type":"map","values":["R","null"]}]}]}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"d","type":"double","default":-1e300},{"name":"f","type":"float","default":3}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"u","type":{"type":"array","items":["int","string"]},"default":[1,"a"]}]}""")]
    public void Unusual_schema_compiles_without_warnings(string schema)
    {
        Compilation compiled = Run([new Text("R.avsc", schema)], out ImmutableArray<Diagnostic> diagnostics);
        Assert.Empty(diagnostics);
        Assert.DoesNotContain(compiled.GetDiagnostics(TestContext.Current.CancellationToken), diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning);
    }

    [Theory]
    [InlineData("{\n  \"type\": \"record\",\n  \"name\": \"R\",\n  \"fields\": [ { \"name\": \"f\", \"type\": \"integer\" } ]\n}", 3, 37, "there is no type named \"integer\"")]
    [InlineData("{", 0, 1, "a member's name in double quotes is expected")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a_b","type":"int"},{"name":"aB","type":"int"}]}""", 0, 0, "two fields of R would both be called AB in C#")]
    [InlineData("""{"type":"record","name":"R","csharp-name":"A b","fields":[]}""", 0, 0, "\"A b\" cannot be a type's name in C#")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A_B","aB"]}""", 0, 0, "two symbols of E would both be called")]
    [InlineData("""{"type":"record","name":"a.R","fields":[{"name":"f","type":{"type":"record","name":"b.R","fields":[]}}]}""", 0, 0, "a.R and b.R would both be called R in C#")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"int","logicalType":"date"},"default":2147483647}]}""", 0, 103, "lies outside what its C# type can hold")]
    public void Mistake_is_shown_in_the_file(string schema, int line, int column, string what)
    {
        Run([new Text("/some/folder/R.avsc", schema)], out ImmutableArray<Diagnostic> diagnostics);
        Diagnostic diagnostic = Assert.Single(diagnostics);
        Assert.Equal(("AVRO001", DiagnosticSeverity.Error), (diagnostic.Id, diagnostic.Severity));
        FileLinePositionSpan at = diagnostic.Location.GetLineSpan();
        Assert.Contains(what, diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Equal(("/some/folder/R.avsc", line, column), (at.Path, at.StartLinePosition.Line, at.StartLinePosition.Character));
    }

    [Fact]
    public void Type_that_two_files_define_alike_is_generated_once()
    {
        string line = $$"""{"type":"record","name":"Line","fields":[{"name":"from","type":{{Point}}}]}""";
        Compilation compiled = Run([new Text("Point.avsc", Point), new Text("Line.avsc", line)], out ImmutableArray<Diagnostic> diagnostics);
        Assert.Empty(diagnostics);
        Assert.Empty(compiled.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Type_that_two_files_define_otherwise_is_a_mistake()
    {
        Run([new Text("One.avsc", Point), new Text("Two.avsc", Point.Replace("\"y\"", "\"z\"", StringComparison.Ordinal))], out ImmutableArray<Diagnostic> diagnostics);
        Assert.Contains("One.avsc defines Point otherwise", Assert.Single(diagnostics).GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Edit_elsewhere_leaves_the_output_as_it_was()
    {
        Text point = new("Point.avsc", Point);
        GeneratorDriver driver = Driver([point, new Text("Notes.txt", "before")]);
        CSharpCompilation compilation = Compilation();
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);

        // Another source file, another text file, and the same schema read again.
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Added;", cancellationToken: TestContext.Current.CancellationToken));
        driver = driver.ReplaceAdditionalTexts([new Text("Point.avsc", Point), new Text("Notes.txt", "after")]);
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);

        AssertCached(driver, AvroGenerator.FilesStep, AvroGenerator.CompiledStep, AvroGenerator.TypesStep);
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);
        Assert.All(
            result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    [Fact]
    public void Edit_of_spaces_leaves_the_output_as_it_was()
    {
        Text point = new("Point.avsc", Point);
        GeneratorDriver driver = Driver([point]).RunGenerators(Compilation(), TestContext.Current.CancellationToken);
        driver = driver.ReplaceAdditionalText(point, new Text("Point.avsc", Point + "\n")).RunGenerators(Compilation(), TestContext.Current.CancellationToken);
        AssertCached(driver, AvroGenerator.CompiledStep, AvroGenerator.TypesStep);
    }

    [Fact]
    public void Edit_of_one_schema_leaves_the_others_output_as_it_was()
    {
        Text point = new("Point.avsc", Point);
        Text other = new("Other.avsc", """{"type":"enum","name":"Other","symbols":["A"]}""");
        GeneratorDriver driver = Driver([point, other]).RunGenerators(Compilation(), TestContext.Current.CancellationToken);
        driver = driver.ReplaceAdditionalText(other, new Text("Other.avsc", """{"type":"enum","name":"Other","symbols":["A","B"]}"""));
        driver = driver.RunGenerators(Compilation(), TestContext.Current.CancellationToken);
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);
        IEnumerable<IncrementalStepRunReason> reasons = result.TrackedSteps[AvroGenerator.CompiledStep].SelectMany(step => step.Outputs).Select(output => output.Reason);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], reasons.Order());
    }

    private static void AssertCached(GeneratorDriver driver, params string[] steps)
    {
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);
        foreach (string step in steps)
        {
            Assert.All(
                result.TrackedSteps[step].SelectMany(run => run.Outputs),
                output => Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step}: {output.Reason}"));
        }
    }

    private static Compilation Run(ImmutableArray<AdditionalText> texts, out ImmutableArray<Diagnostic> diagnostics)
    {
        Driver(texts).RunGeneratorsAndUpdateCompilation(Compilation(), out Compilation compiled, out diagnostics, TestContext.Current.CancellationToken);
        return compiled;
    }

    private static CSharpGeneratorDriver Driver(ImmutableArray<AdditionalText> texts) => CSharpGeneratorDriver.Create(
        [new AvroGenerator().AsSourceGenerator()],
        texts,
        optionsProvider: new Options(),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static CSharpCompilation Compilation() =>
        CSharpCompilation.Create("Generated", [], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private sealed class Text(string path, string content) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(content);
    }

    private sealed class Options : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Global();

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;
    }

    private sealed class Global : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, out string value)
        {
            value = "Root.Space";
            return key == "build_property.RootNamespace";
        }
    }
}
