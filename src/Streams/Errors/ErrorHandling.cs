using Confluent.Kafka;

namespace Assay.Streams;

/// <summary>Where a record failed.</summary>
public enum ErrorStage
{
    /// <summary>Its bytes could not be read, or its timestamp is negative.</summary>
    Deserialization,
    /// <summary>A processor or punctuator threw.</summary>
    Processing,
    /// <summary>An output could not be written or sent.</summary>
    Production,
}

/// <summary>The record that failed.</summary>
public sealed class ErrorContext
{
    public required ErrorStage Stage { get; init; }
    public required TaskId TaskId { get; init; }
    /// <summary>The source, processor or sink that failed.</summary>
    public required string NodeName { get; init; }
    /// <summary>Where the input record came from; null where a punctuator failed.</summary>
    public RecordMetadata? Source { get; init; }
    /// <summary>The input record's timestamp as received, ms since the epoch; −1 where a punctuator failed.</summary>
    public long SourceTimestamp { get; init; } = -1;
    /// <summary>The input record's bytes as received.</summary>
    public byte[]? SourceKey { get; init; }
    /// <inheritdoc cref="SourceKey"/>
    public byte[]? SourceValue { get; init; }
    /// <summary>The input record's headers as received.</summary>
    public Headers? SourceHeaders { get; init; }
    /// <summary>The topic that was written to, at <see cref="ErrorStage.Production"/>.</summary>
    public string? SinkTopic { get; init; }
}

/// <summary>Decides what becomes of a record that failed. Called on the stream thread; one object serves all of them.</summary>
public interface IExceptionHandler
{
    ErrorResponse Handle(ErrorContext context, Exception exception);
}

/// <summary>A record that a handler sends instead of the one that failed, in the same transaction.</summary>
public sealed record DeadLetterRecord(string Topic, byte[]? Key, byte[]? Value, long Timestamp, Headers? Headers = null);

/// <summary>A handler's decision.</summary>
public sealed class ErrorResponse
{
    private ErrorResponse(bool fails, DeadLetterRecord? deadLetter)
    {
        Fails = fails;
        Record = deadLetter;
    }

    /// <summary>Stops the application with one sentence that names the record; it is processed again after a restart.</summary>
    public static ErrorResponse Fail { get; } = new(true, null);

    /// <summary>Goes on with the next record.</summary>
    public static ErrorResponse Resume { get; } = new(false, null);

    /// <summary>Sends <paramref name="record"/> and goes on with the next.</summary>
    public static ErrorResponse DeadLetter(DeadLetterRecord record) => new(false, record);

    internal bool Fails { get; }

    internal DeadLetterRecord? Record { get; }
}

/// <summary>Stops on any failure: what an application gets that sets no handler.</summary>
public sealed class FailExceptionHandler : IExceptionHandler
{
    public ErrorResponse Handle(ErrorContext context, Exception exception) => ErrorResponse.Fail;
}

/// <summary>Skips what fails. The engine logs it.</summary>
public sealed class ContinueExceptionHandler : IExceptionHandler
{
    public ErrorResponse Handle(ErrorContext context, Exception exception) => ErrorResponse.Resume;
}

/// <summary>A mistake or failure that a person must mend; the message says what, where and how.</summary>
public class StreamsException : Exception
{
    public StreamsException(string message) : base(message)
    {
    }

    public StreamsException(string message, Exception inner) : base(message, inner)
    {
    }
}
