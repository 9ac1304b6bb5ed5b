using Assay.Schemas;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Lays what the environment and the flags say over the file's values: the file, then the original demo's variables, then <c>ASSAY__…</c>, then flags.</summary>
internal static class Overlay
{
    public const string Prefix = "ASSAY__";

    /// <summary>The original demo's variables and the keys they stand for; each may also be named with _FILE.</summary>
    public static readonly IReadOnlyList<(string Variable, string Key)> Aliases =
    [
        ("DB_USER", "database.user"),
        ("DB_PASSWORD", "database.password"),
        ("DB_NAME", "database.name"),
    ];

    public static void Apply(
        ObjectNode root, IReadOnlyDictionary<string, string> environment, References references, IReadOnlyList<KeyValuePair<string, string>> flags)
    {
        foreach ((string variable, string key) in Aliases)
        {
            if (references.Lookup(variable) is { } value)
                Set(root, key.Split('.'), value, new Origin($"environment variable {variable}"));
        }
        foreach ((string variable, string value) in environment.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                Set(root, variable[Prefix.Length..].Split("__"), value, new Origin($"environment variable {variable}"));
        }
        foreach ((string key, string value) in flags)
            Set(root, key.Split('.'), value, new Origin("command line"));
    }

    /// <summary>Replaces or adds one value; names are matched without case and with '_' for the '-' that a shell's variables cannot hold.</summary>
    private static void Set(ObjectNode root, string[] path, string text, Origin origin)
    {
        if (path.Any(string.IsNullOrEmpty))
            throw new UserException($"{origin}: '{string.Join('.', path)}' is no key of the configuration; write e.g. kafka.bootstrap, or {Prefix}KAFKA__BOOTSTRAP in the environment.");
        ObjectNode node = root;
        foreach (string segment in path[..^1])
        {
            string key = Match(node, segment);
            if (node.Members.TryGetValue(key, out ObjectNode.Member? member) && member.Value is ObjectNode inner)
            {
                node = inner;
                continue;
            }
            ObjectNode made = new(origin);
            node.Members[key] = new ObjectNode.Member(origin, made);
            node = made;
        }
        node.Members[Match(node, path[^1])] = new ObjectNode.Member(origin, new ScalarNode(origin, ScalarKind.Untyped, text));
    }

    private static string Match(ObjectNode node, string segment) =>
        node.Members.Keys.FirstOrDefault(key => Normal(key) == Normal(segment)) ?? segment.ToLowerInvariant();

    private static string Normal(string name) => name.ToLowerInvariant().Replace('-', '_');
}
