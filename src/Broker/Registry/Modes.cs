namespace Assay.Broker.Registry;

/// <summary>What may be done with a subject.</summary>
internal static class Modes
{
    public const string ReadWrite = "READWRITE";
    public const string ReadOnly = "READONLY";
    public const string ReadOnlyOverride = "READONLY_OVERRIDE";
    public const string Import = "IMPORT";

    /// <exception cref="RegistryException">There is no such mode.</exception>
    public static string Parse(string? mode) =>
        mode?.ToUpperInvariant() is ReadWrite or ReadOnly or ReadOnlyOverride or Import ? mode.ToUpperInvariant() : throw RegistryException.InvalidMode();
}
