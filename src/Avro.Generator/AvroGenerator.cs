using System.Text;
using Assay.Avro.Generator.Internal;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Assay.Avro.Generator;

/// <summary>Turns each <c>*.avsc</c> among the project's AdditionalFiles into C# records and enums with their codecs.</summary>
/// <remarks>
/// The types go into the project's root namespace; a schema's <c>csharp-name</c> names a type otherwise than Avro does, for two views of one record.
/// Every step hands on value-equal records, so that an edit elsewhere in the project leaves the output as it is.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class AvroGenerator : IIncrementalGenerator
{
    internal const string FilesStep = "AvroFiles";
    internal const string CompiledStep = "AvroCompiled";
    internal const string TypesStep = "AvroTypes";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<string> rootNamespace = context.AnalyzerConfigOptionsProvider.Select(static (options, _) =>
            options.GlobalOptions.TryGetValue("build_property.RootNamespace", out string? name) ? name : "");

        IncrementalValueProvider<EquatableArray<CompiledFile>> files = context.AdditionalTextsProvider
            .Where(static text => text.Path.EndsWith(".avsc", StringComparison.OrdinalIgnoreCase))
            .Select(static (text, cancellation) => new SchemaFile(text.Path, text.GetText(cancellation)?.ToString() ?? ""))
            .WithTrackingName(FilesStep)
            .Combine(rootNamespace)
            .Select(static (input, _) => SchemaCompiler.Compile(input.Left, input.Right))
            .WithTrackingName(CompiledStep)
            .Collect()
            .Select(static (compiled, _) => new EquatableArray<CompiledFile>(compiled));

        IncrementalValueProvider<CompiledFile> project = files.Select(static (compiled, _) => SchemaCompiler.Merge(compiled)).WithTrackingName(TypesStep);

        context.RegisterSourceOutput(project.SelectMany(static (all, _) => all.Types.Items), static (output, type) =>
            output.AddSource(type.Name + ".g.cs", SourceText.From(type.Source, Encoding.UTF8)));
        context.RegisterSourceOutput(project.SelectMany(static (all, _) => all.Mistakes.Items), static (output, mistake) =>
            output.ReportDiagnostic(mistake.ToDiagnostic()));
    }
}
