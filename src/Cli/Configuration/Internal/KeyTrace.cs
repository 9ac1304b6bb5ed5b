namespace Assay.Cli.Configuration.Internal;

/// <summary>What the loader asked a configuration for: each key's path (<c>feeds.*.pair</c>, <c>chains.*.endpoints</c>) and kind, which a test compares with the JSON Schema.</summary>
internal sealed class KeyTrace
{
    private readonly SortedDictionary<string, string> _kinds = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Kinds => _kinds;

    public void Add(string path, string kind) => _kinds[path] = kind;
}
