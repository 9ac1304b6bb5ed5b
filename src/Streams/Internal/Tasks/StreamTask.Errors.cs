namespace Assay.Streams.Internal.Tasks;

internal sealed partial class StreamTask
{
    /// <summary>Whether a handler may decide about a failure: not about one that a handler has decided on, nor where the transaction is lost.</summary>
    public static bool IsRecordFailure(Exception exception) => exception is not (StreamsException or TransactionLostException);

    public void HandleDeserializationFailure(PartitionQueue input, string source, Exception exception) =>
        Decide(_environment.Options.DeserializationExceptionHandler, input.Describe(ErrorStage.Deserialization, Id, source), exception);

    public void HandleProcessingFailure(string node, Exception exception) =>
        Decide(_environment.Options.ProcessingExceptionHandler, Describe(ErrorStage.Processing, node, null), exception);

    public void HandleProductionFailure(string sink, string topic, Exception exception) =>
        Decide(_environment.Options.ProductionExceptionHandler, Describe(ErrorStage.Production, sink, topic), exception);

    private ErrorContext Describe(ErrorStage stage, string node, string? sinkTopic) =>
        _current?.Describe(stage, Id, node, sinkTopic) ?? new ErrorContext { Stage = stage, TaskId = Id, NodeName = node, SinkTopic = sinkTopic };

    private void Decide(IExceptionHandler handler, ErrorContext context, Exception exception)
    {
        string origin = context.Source is { } source ? $"{source.Topic}-{source.Partition}@{source.Offset}" : "a punctuation";
        ErrorResponse response;
        try
        {
            response = handler.Handle(context, exception);
        }
        catch (Exception failure)
        {
            throw new StreamsException($"The {context.Stage} exception handler itself failed on {origin} in '{context.NodeName}' (task {Id}): {failure.Message}", failure);
        }
        if (response.Fails)
        {
            throw new StreamsException(
                $"{context.Stage} of {origin} failed in '{context.NodeName}' (task {Id}): {exception.Message} " +
                $"Mend the cause, or set {nameof(StreamsOptions)}.{context.Stage}ExceptionHandler to skip or dead-letter such records.", exception);
        }
        _worked = true;
        if (response.Record is not { } record)
        {
            CountDropped();
            _environment.Log.RecordSkipped(exception, context.Stage, origin, context.NodeName, Id);
            return;
        }
        _environment.Log.RecordDeadLettered(exception, context.Stage, origin, context.NodeName, Id, record.Topic);
        try
        {
            Collector.Send(record.Topic, null, RawBytes.Of(record.Key), RawBytes.Of(record.Value), record.Timestamp, record.Headers);
        }
        catch (Exception failure) when (IsRecordFailure(failure))
        {
            throw new StreamsException($"The dead letter of {origin} cannot be sent to {record.Topic}: {failure.Message}", failure);
        }
    }
}
