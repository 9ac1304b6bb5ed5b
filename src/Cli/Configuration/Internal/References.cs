using System.Text;
using System.Text.RegularExpressions;

namespace Assay.Cli.Configuration.Internal;

/// <summary>Fills <c>${NAME}</c> in configured strings from the environment, where secrets come from.</summary>
/// <remarks>
/// Where NAME is not set but NAME_FILE is, the content of that file counts (Docker's and systemd's way to hand over secrets).
/// <c>${NAME?}</c> stands in items of lists only: the item is left out where NAME is not set.
/// </remarks>
internal sealed partial class References(IReadOnlyDictionary<string, string> environment)
{
    /// <summary>The value of a variable, its own or that of the file that NAME_FILE points to; null: neither is set, or set to nothing.</summary>
    public string? Lookup(string name)
    {
        if (environment.TryGetValue(name, out string? value) && value.Length > 0)
            return value;
        if (!environment.TryGetValue(name + "_FILE", out string? path) || path.Length == 0 || !File.Exists(path))
            return null;
        return File.ReadAllText(path).TrimEnd('\r', '\n');
    }

    public static bool Any(string text) => Pattern().IsMatch(text);

    /// <summary>True with the text to use; false with a sentence, or with null where the whole item is to be left out.</summary>
    public bool TryFill(string text, bool inList, out string filled, out string? problem)
    {
        StringBuilder result = new();
        int end = 0;
        problem = null;
        filled = text;
        foreach (Match match in Pattern().Matches(text))
        {
            string name = match.Groups["name"].Value;
            bool optional = match.Groups["optional"].Success;
            if (Lookup(name) is not { } value)
            {
                problem = optional && inList
                    ? null
                    : optional
                        ? $"${{{name}?}} may stand in a list only, where it leaves the item out; write ${{{name}}}."
                        : $"the environment variable {name} is not set; set it, or {name}_FILE to a file that holds it.";
                return false;
            }
            result.Append(text, end, match.Index - end).Append(value);
            end = match.Index + match.Length;
        }
        filled = result.Append(text, end, text.Length - end).ToString();
        return true;
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<optional>\?)?\}")]
    private static partial Regex Pattern();
}
