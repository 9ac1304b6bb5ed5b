using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// A JSON Pointer, RFC 6901: <c>*( "/" reference-token )</c>, where in a token <c>~1</c> stands for <c>/</c> and <c>~0</c> for
/// <c>~</c>; the empty pointer is the whole document.
/// </summary>
internal sealed partial class JsonPointer
{
    private readonly string _text;
    private readonly string[] _tokens;

    private JsonPointer(string text)
    {
        _text = text;
        _tokens = [.. text.Split('/').Skip(1).Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    /// <summary>Null where <paramref name="text"/> is not a JSON Pointer.</summary>
    public static JsonPointer? Parse(string text) => Grammar().IsMatch(text) ? new(text) : null;

    /// <summary>The value it points to; null where there is none.</summary>
    public JsonElement? Find(JsonElement root)
    {
        JsonElement current = root;
        foreach (string token in _tokens)
        {
            if (current.ValueKind == JsonValueKind.Object && current.TryGetProperty(token, out JsonElement member))
                current = member;
            else if (current.ValueKind == JsonValueKind.Array && Index(token) is { } index && index < current.GetArrayLength())
                current = current[index];
            else
                return null;
        }
        return current;
    }

    public override string ToString() => _text;

    /// <summary>RFC 6901 section 4: digits without a leading zero.</summary>
    private static int? Index(string token) =>
        (token == "0" || token is [>= '1' and <= '9', ..]) && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    [GeneratedRegex(@"^(/([^~/]|~[01])*)*\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
