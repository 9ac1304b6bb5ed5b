using System.CommandLine;
using Assay.Cli.Replay;

namespace Assay.Cli.Internal;

/// <summary>Options that take a moment.</summary>
internal static class TimeOption
{
    public static Option<DateTime?> Create(string name, string description) => new(name)
    {
        Description = $"{description}: ISO-8601, or unix seconds or milliseconds",
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (FieldParsers.TryTime(result.Tokens[0].Value, out long milliseconds))
                return DateTime.UnixEpoch.AddMilliseconds(milliseconds);
            result.AddError($"{name} takes a time such as 2023-08-17T21:45:00Z, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };
}
