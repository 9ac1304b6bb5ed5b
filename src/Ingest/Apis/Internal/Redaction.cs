using System.Text.RegularExpressions;

namespace Assay.Ingest.Apis.Internal;

/// <summary>
/// A URL as it may be shown: without the user before the host, and without the values of parameters that are named like keys;
/// a placeholder <c>${NAME}</c> may stay.
/// </summary>
internal static partial class Redaction
{
    public static string Of(string url) => Parameter().Replace(User().Replace(url, "$1"), "$1***");

    [GeneratedRegex(@"^([a-z]+://)[^/?#]*@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex User();

    [GeneratedRegex(
        @"([?&][^=&#]*(?:key|token|secret|password|passwd|auth|sig|credential|appid|app_id)[^=&#]*=)(?!\$\{[A-Za-z_][A-Za-z0-9_]*\}(?:[&#]|$))[^&#]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
