using Assay.Avro;

namespace Assay.Broker.Registry;

/// <summary>
/// Confluent's compatibility levels. Backward: what was written with an earlier schema can be read with the new one. Forward: the reverse. Full: both.
/// Transitive: with all earlier versions, not only the latest.
/// </summary>
internal sealed record CompatibilityLevel(string Name, bool Backward, bool Forward, bool Transitive)
{
    public static readonly CompatibilityLevel Default = new("BACKWARD", true, false, false);

    private static readonly CompatibilityLevel[] All =
    [
        Default,
        new("NONE", false, false, false),
        new("BACKWARD_TRANSITIVE", true, false, true),
        new("FORWARD", false, true, false),
        new("FORWARD_TRANSITIVE", false, true, true),
        new("FULL", true, true, false),
        new("FULL_TRANSITIVE", true, true, true),
    ];

    /// <exception cref="RegistryException">There is no such level.</exception>
    public static CompatibilityLevel Parse(string? name) =>
        Array.Find(All, level => level.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw RegistryException.InvalidLevel();

    /// <summary>What stands between a new schema and an earlier one, one sentence each.</summary>
    public IReadOnlyList<string> Problems(AvroSchema schema, AvroSchema earlier) =>
        [.. Backward ? SchemaCompatibility.Check(schema, earlier) : [], .. Forward ? SchemaCompatibility.Check(earlier, schema) : []];
}
