namespace Assay.Streams.Tests.Processors;

/// <summary>A processor made of one function.</summary>
internal sealed class Each<TKeyIn, TValueIn, TKeyOut, TValueOut>(
    Action<Record<TKeyIn, TValueIn>, IProcessorContext<TKeyOut, TValueOut>> process, Action<IProcessorContext<TKeyOut, TValueOut>>? init = null)
    : IProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>
{
    private IProcessorContext<TKeyOut, TValueOut> _context = null!;

    public void Init(IProcessorContext<TKeyOut, TValueOut> context)
    {
        _context = context;
        init?.Invoke(context);
    }

    public void Process(in Record<TKeyIn, TValueIn> record) => process(record, _context);
}

/// <summary>Counts records by key in the store <c>counts</c> and forwards each new count.</summary>
internal sealed class Counter : IProcessor<string, string, string, long>
{
    public const string Store = "counts";
    private IProcessorContext<string, long> _context = null!;
    private IKeyValueStore<string, long> _counts = null!;

    public void Init(IProcessorContext<string, long> context)
    {
        _context = context;
        _counts = context.GetStateStore<IKeyValueStore<string, long>>(Store);
    }

    public void Process(in Record<string, string> record)
    {
        long count = _counts.Get(record.Key) + 1;
        _counts.Put(record.Key, count);
        _context.Forward(record.WithValue(count));
    }

    public static Topology Topology(string input, string output) => Topology([input], output);

    public static Topology Topology(string[] inputs, string output)
    {
        Topology topology = new();
        TopologyNode<string, string> source = topology.AddSource("source", Serdes.String, Serdes.String, inputs);
        TopologyNode<string, long> counter = topology.AddProcessor("counter", () => new Counter(), source);
        topology.AddStateStore(Stores.KeyValueStore(Store, Serdes.String, Serdes.Long), counter);
        return topology.AddSink("sink", output, Serdes.String, Serdes.Long, counter);
    }
}
