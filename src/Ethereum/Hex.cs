using System.Globalization;
using System.Text.Json;

namespace Assay.Ethereum;

/// <summary>The two encodings of Ethereum's JSON-RPC: quantities (<c>0x41</c>, no leading zeros) and data (<c>0x0041</c>, two digits a byte).</summary>
public static class Hex
{
    public static string Quantity(long value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    public static string Data(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <param name="what">Names the value in the error.</param>
    public static long ParseQuantity(JsonElement value, string what)
    {
        string text = Text(value, what);
        return text.Length is > 2 and <= 18 && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number) && number >= 0
            ? number
            : throw new EthereumException($"{what} is not a quantity of at most 63 bits: {Shown(text)}.");
    }

    /// <param name="what">Names the value in the error.</param>
    public static byte[] ParseData(JsonElement value, string what) => ParseData(Text(value, what), what);

    /// <inheritdoc cref="ParseData(JsonElement, string)"/>
    public static byte[] ParseData(string text, string what)
    {
        if (!text.StartsWith("0x", StringComparison.Ordinal) || text.Length % 2 != 0)
            throw new EthereumException($"{what} is not hexadecimal data: {Shown(text)}.");
        try
        {
            return Convert.FromHexString(text.AsSpan(2));
        }
        catch (FormatException cause)
        {
            throw new EthereumException($"{what} is not hexadecimal data: {Shown(text)}.", cause);
        }
    }

    /// <summary>Data of a fixed size, in lower case.</summary>
    /// <param name="bytes">20 for an address, 32 for a hash.</param>
    public static string ParseFixed(JsonElement value, int bytes, string what)
    {
        string text = Text(value, what);
        return IsFixed(text, bytes) ? text.ToLowerInvariant() : throw new EthereumException($"{what} is not 0x and {2 * bytes} hex digits: {Shown(text)}.");
    }

    public static bool IsFixed(string text, int bytes) =>
        text.Length == 2 + 2 * bytes && text.StartsWith("0x", StringComparison.Ordinal) && text.AsSpan(2).IndexOfAnyExcept(Digits) < 0;

    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    private static string Text(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new EthereumException($"{what} is missing or no string: {Shown(value.ToString())}.");

    private static string Shown(string text) => text.Length <= 80 ? $"'{text}'" : $"'{text[..80]}…'";
}
