using System.Globalization;

namespace Assay.Cli.Tail;

/// <summary>Decimals as people read them: no exponent, no zeros at the end.</summary>
internal static class PlainDecimal
{
    public static string Of(decimal value)
    {
        string text = value.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
