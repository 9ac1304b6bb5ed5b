using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Assay.Sink.Internal;

/// <summary>One numbered step of the schema, from <c>sql/NNNN_name.sql</c>, or <c>sql/NNNN_name.VARIANT.sql</c> where TimescaleDB and plain PostgreSQL differ.</summary>
/// <param name="Variant"><see cref="Timescale"/>, <see cref="Plain"/>, or null: for both.</param>
/// <param name="Checksum">SHA-256 of the text, so that a step which was edited after it had been applied is noticed.</param>
internal sealed record Migration(int Number, string Name, string? Variant, string Sql, string Checksum)
{
    public const string Timescale = "timescale";
    public const string Plain = "plain";

    /// <summary>All steps, by number.</summary>
    public static IReadOnlyList<Migration> All { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Select(Read).OrderBy(step => step.Number)];

    private static Migration Read(string resource)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!, Encoding.UTF8);
        string sql = reader.ReadToEnd().ReplaceLineEndings("\n");
        string[] parts = resource.Split('.');
        string? variant = parts[^2] is Timescale or Plain ? parts[^2] : null;
        string file = parts[variant is null ? ^2 : ^3];
        return new Migration(
            int.Parse(file[..4], CultureInfo.InvariantCulture), file[5..], variant, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}
