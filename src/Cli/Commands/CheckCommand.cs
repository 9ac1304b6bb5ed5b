using System.CommandLine;
using Assay.Cli.Check;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Cli.Commands;

/// <summary><c>assay check</c>: reads the configuration, asks all that it names once, and fails if anything does not work.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Command command = new("check", "Asks every configured server, feed and source once and says what is wrong");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        AssayConfiguration configuration = parsed.Configuration();
        // The table says what the logs would, unless more is wanted.
        using ILoggerFactory? loggers = parsed.GetValue(CommonOptions.Verbose) ? parsed.Loggers() : null;
        IReadOnlyList<CheckResult> results = await new ConfigurationCheck(configuration, loggers ?? (ILoggerFactory)NullLoggerFactory.Instance, TimeProvider.System).RunAsync(cancellationToken);
        int kinds = results.Max(result => result.Kind.Length);
        int names = results.Max(result => result.Name.Length);
        foreach (CheckResult result in results)
            Console.WriteLine($"{(result.Ok ? '✓' : '✗')} {result.Kind.PadRight(kinds)}  {result.Name.PadRight(names)}  {result.Sentence}");
        return results.All(result => result.Ok) ? CommandLine.Done : CommandLine.Failed;
    }
}
