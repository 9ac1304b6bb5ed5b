using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Assay.Avro.Generator.Internal;

/// <summary>A schema's file as the project gives it.</summary>
internal sealed record SchemaFile(string Path, string Text);

/// <summary>One C# type to add.</summary>
/// <param name="Name">In the root namespace.</param>
/// <param name="Source">The whole file.</param>
/// <param name="Path">The schema's file.</param>
internal sealed record GeneratedType(string Name, string Source, string Path);

/// <summary>What has come of one file, or of all.</summary>
internal sealed record CompiledFile(EquatableArray<GeneratedType> Types, EquatableArray<Mistake> Mistakes);

/// <summary>A mistake in a schema's file, to be shown where it stands.</summary>
internal sealed record Mistake(string Message, string Path, int Line, int Column)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        "AVRO001", "Avro schema cannot be turned into C#", "{0}", "Avro", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public Diagnostic ToDiagnostic()
    {
        LinePosition at = new(Line - 1, Column - 1);
        return Diagnostic.Create(Descriptor, Location.Create(Path, default, new LinePositionSpan(at, at)), Message);
    }
}
