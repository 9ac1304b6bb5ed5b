using Microsoft.Extensions.Logging;

namespace Assay.Streams.Tests.Runtime;

/// <summary>Writes the engine's log into the test's output.</summary>
internal sealed class TestLoggers : ILoggerFactory, ILogger
{
    public static TestLoggers Factory { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel} {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
}
