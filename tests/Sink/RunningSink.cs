using System.Collections.Concurrent;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Sink.Tests;

/// <summary>A sink at work, and what it says.</summary>
internal sealed class RunningSink : IAsyncDisposable, ILoggerFactory, ILogger
{
    /// <summary>"Cancellation stops everything within seconds."</summary>
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> messages = [];
    private readonly Task run;

    public RunningSink(string connectionString, KafkaServer kafka, int batchRows = 5_000)
        : this(connectionString, kafka.Connection, batchRows)
    {
    }

    public RunningSink(string connectionString, KafkaConnection kafka, int batchRows = 5_000)
    {
        SinkOptions options = new() { ConnectionString = connectionString, BatchRows = batchRows, BatchDelay = TimeSpan.FromMilliseconds(20) };
        run = new Sink(options, kafka, this, TimeProvider.System).RunAsync(stop.Token);
    }

    /// <summary>Everything said at Information and above, in order.</summary>
    public IEnumerable<string> Messages => messages;

    /// <summary>Stops it and checks that it ended because of that and in time.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(StopBound));
        stop.Dispose();
    }

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    void IDisposable.Dispose()
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        messages.Enqueue(formatter(state, exception));
}
