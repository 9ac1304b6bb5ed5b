using Microsoft.Extensions.Logging;

namespace Assay.Chaos.Tests;

/// <summary>Logs to standard output, with the client library's own messages and without those about single records.</summary>
internal sealed class ConsoleLog : ILoggerFactory, ILogger
{
    private const int FirstAboutRecords = 120;
    private const int LastAboutRecords = 129;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is not (>= FirstAboutRecords and <= LastAboutRecords))
            Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss.fff} {logLevel} {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
    }

    public void Dispose()
    {
    }
}
