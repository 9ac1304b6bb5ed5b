namespace Assay.Avro.Generator.Internal;

/// <summary>Writes the C# enum of an Avro enum: the values are the symbols' indexes.</summary>
internal static class EnumCode
{
    public static string Write(EnumSchema schema, CSharpNames names)
    {
        CodeText code = new();
        code.Header(names.Namespace);
        code.Summary(schema.Doc);
        code.Open($"public enum {CSharpNames.TypeName(schema)}");
        foreach (string symbol in CSharpNames.Symbols(schema))
            code.Line(symbol + ",");
        code.Close();
        return code.ToString();
    }
}
