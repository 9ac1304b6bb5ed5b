using Assay.Streams.Internal.Tasks;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Nodes;

/// <summary>What the engine's own operators see beside.</summary>
internal interface IOperatorContext
{
    ILogger Log { get; }

    /// <summary>What several nodes of one operator work on together in this task.</summary>
    T Shared<T>(string name, Func<T> make) where T : class;

    /// <summary>Gives a failure to the processing handler while the record in process goes on.</summary>
    void Failed(Exception exception);

    /// <summary>Counts a record that the operator leaves out; gives the log, to say why.</summary>
    ILogger Drop();
}

/// <summary>Runs one processor and is its context. Nothing about the record in process is kept here, so a forward has nothing to put back.</summary>
internal sealed class ProcessorNode<TKeyIn, TValueIn, TKeyOut, TValueOut>(
    string name, StreamTask task, IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut> processor, IReadOnlySet<string> stores, NodeInput<TKeyOut, TValueOut>[] children)
    : NodeInput<TKeyIn, TValueIn>(name), IProcessorContext<TKeyOut, TValueOut>, IOperatorContext
{
    public ILogger Log => task.Log;

    public T Shared<T>(string name, Func<T> make) where T : class => task.Shared(name, make);

    public void Failed(Exception exception) => task.HandleProcessingFailure(Name, exception);

    public ILogger Drop()
    {
        task.CountDropped();
        return task.Log;
    }

    public string ApplicationId => task.ApplicationId;

    public TaskId TaskId => task.Id;

    public long CurrentStreamTime => task.StreamTime;

    public long CurrentSystemTime => task.SystemTime;

    public RecordMetadata? RecordMetadata => task.CurrentSource;

    public override void Init() => processor.Init(this);

    public override void Close() => processor.Close();

    public override void Process(in Record<TKeyIn, TValueIn> record)
    {
        try
        {
            processor.Process(in record);
        }
        catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
        {
            task.HandleProcessingFailure(Name, exception);
        }
    }

    public void Forward(in Record<TKeyOut, TValueOut> record) => Forwarding.ToAll(children, in record);

    public void Forward(in Record<TKeyOut, TValueOut> record, string childName)
    {
        foreach (NodeInput<TKeyOut, TValueOut> child in children)
        {
            if (child.Name == childName)
            {
                child.Process(in record);
                return;
            }
        }
        throw new StreamsException($"Processor '{Name}' forwards to '{childName}', which is not one of its children.");
    }

    public TStore GetStateStore<TStore>(string name) where TStore : class, IStateStore
    {
        if (!stores.Contains(name))
            throw new StreamsException($"Processor '{Name}' asks for the store '{name}' that it is not connected to: name the processor in Topology.AddStateStore.");
        return task.Store(name) as TStore
            ?? throw new StreamsException($"Processor '{Name}' asks for the store '{name}' as {typeof(TStore)}, but it is {task.Store(name).GetType()}.");
    }

    public IDisposable Schedule(TimeSpan interval, PunctuationType type, Action<long> punctuator) => task.Schedule(Name, interval, type, punctuator);

    public void Commit() => task.RequestCommit();
}
