using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Tests.Hostile;

/// <summary>Keeps the broker's errors, which are its own defects, and counts the connections that it closed.</summary>
internal sealed class DefectLog : ILoggerFactory, ILogger
{
    private const int Most = 20;

    private int _closed;

    public ConcurrentQueue<string> Defects { get; } = [];

    public int Closed => _closed;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Goes nowhere else.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Warning)
            Interlocked.Increment(ref _closed);
        else if (Defects.Count < Most)
            Defects.Enqueue($"{formatter(state, exception)}: {exception}");
    }

    public void Dispose()
    {
        // Read after the broker is gone.
    }
}
