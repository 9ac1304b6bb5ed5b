using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Assay.Cli.Internal;

internal sealed class LineFormatterOptions : ConsoleFormatterOptions
{
    /// <summary>Whether an exception's trace follows its message.</summary>
    public bool Traces { get; set; }
}

/// <summary><c>2026-01-31T12:00:00.000Z warn Ingest.Contracts: message</c>, and nothing on further lines unless traces are wanted.</summary>
internal sealed class LineFormatter(IOptionsMonitor<LineFormatterOptions> options, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    private const string OurPrefix = "Assay.";

    public LineFormatter(IOptionsMonitor<LineFormatterOptions> options)
        : this(options, TimeProvider.System)
    {
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string category = logEntry.Category.StartsWith(OurPrefix, StringComparison.Ordinal) ? logEntry.Category[OurPrefix.Length..] : logEntry.Category;
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" ");
        textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write($"{category}: {message}");
        if (logEntry.Exception is { } failure)
        {
            if (options.CurrentValue.Traces)
                textWriter.Write($"{Environment.NewLine}{failure}");
            else if (!message.Contains(failure.Message, StringComparison.Ordinal))
                textWriter.Write($" ({failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")})");
        }
        textWriter.WriteLine();
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => " debug ",
        LogLevel.Information => " info ",
        LogLevel.Warning => " warn ",
        _ => " error ",
    };
}
