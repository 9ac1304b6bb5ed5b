using System.Text.Json.Nodes;

namespace Assay.Broker.Registry;

/// <summary>What is set for a subject, or for all; null: not set here.</summary>
/// <param name="Normalize">Whether schemas are normalized without being asked to.</param>
internal sealed record SubjectConfig(CompatibilityLevel? Level, bool? Normalize)
{
    public static readonly SubjectConfig None = new(null, null);

    public static SubjectConfig FromRecord(JsonObject record) =>
        new(record["compatibilityLevel"] is { } level ? CompatibilityLevel.Parse(level.GetValue<string>()) : null, record["normalize"]?.GetValue<bool>());

    /// <summary>As it is kept and shown; a request calls the level <c>compatibility</c>.</summary>
    public JsonObject ToJson(string level = "compatibilityLevel")
    {
        JsonObject shown = [];
        if (Level is not null)
            shown[level] = Level.Name;
        if (Normalize is not null)
            shown["normalize"] = Normalize;
        return shown;
    }

    /// <summary>This, and where it says nothing, another.</summary>
    public SubjectConfig Over(SubjectConfig other) => new(Level ?? other.Level, Normalize ?? other.Normalize);
}
