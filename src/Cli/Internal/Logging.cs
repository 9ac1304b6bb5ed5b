using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Internal;

/// <summary>Logs go to the standard error, one line each, in UTC; the standard output is for what was asked for.</summary>
internal static class Logging
{
    public static ILoggerFactory Create(bool verbose) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.AddConsoleFormatter<LineFormatter, LineFormatterOptions>(options => options.Traces = verbose);
    });

    public static ILoggerFactory Loggers(this ParseResult parsed) => Create(parsed.GetValue(CommonOptions.Verbose));
}
