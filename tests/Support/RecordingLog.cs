using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Assay.Tests.Support;

/// <summary>Keeps what is logged, for tests of what a person gets to read.</summary>
public sealed class RecordingLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>What has been logged so far, oldest first; <see cref="LogLevel.Debug"/> and below left out.</summary>
    public IReadOnlyList<LogLine> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A recording log goes nowhere else.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(new(logLevel, eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
        // What was logged is read after the logging side is gone.
    }
}

/// <param name="Id">The message's event id.</param>
/// <param name="Text">As a person reads it.</param>
public sealed record LogLine(LogLevel Level, int Id, string Text);
