using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Streams.Bench;

internal static class Engine
{
    public static async Task Run(Workload workload, Progress progress, string mode)
    {
        string id = Workload.NewId();
        await workload.Create($"{id}-out");
        Topology topology = new();
        TopologyNode<string, byte[]> source = topology.AddSource("source", Serdes.String, Serdes.ByteArray, workload.Topic);
        TopologyNode<string, byte[]> processor = topology.AddProcessor("processor", () => new Pass(progress, workload.Records, mode == "count"), source);
        if (mode == "count")
            topology.AddStateStore(Stores.KeyValueStore("counts", Serdes.String, Serdes.Long), processor);
        topology.AddSink("sink", $"{id}-out", Serdes.String, Serdes.ByteArray, processor);
        using CancellationTokenSource stop = new();
        using KafkaStreams streams = new(topology, new StreamsOptions
        {
            ApplicationId = id,
            Client = workload.Client,
            NumStreamThreads = workload.Threads,
            ProcessingGuarantee = mode == "engine-alo" ? ProcessingGuarantee.AtLeastOnce : ProcessingGuarantee.ExactlyOnceV2,
        }, NullLoggerFactory.Instance, TimeProvider.System);
        Task running = streams.RunAsync(stop.Token);
        await await Task.WhenAny(progress.Done, running);
        await stop.CancelAsync();
        await running;
    }

    private sealed class Pass(Progress progress, int total, bool counting) : IProcessor<string, byte[], string, byte[]>
    {
        private readonly int _lot = Math.Max(1, Math.Min(1000, total / 1000));
        private IProcessorContext<string, byte[]> _context = null!;
        private IKeyValueStore<string, long>? _counts;
        private int _seen;

        public void Init(IProcessorContext<string, byte[]> context)
        {
            _context = context;
            _counts = counting ? context.GetStateStore<IKeyValueStore<string, long>>("counts") : null;
            // The last lot is seldom full.
            context.Schedule(TimeSpan.FromMilliseconds(50), PunctuationType.WallClockTime, _ => Report());
        }

        public void Process(in Record<string, byte[]> record)
        {
            _counts?.Put(record.Key, _counts.Get(record.Key) + 1);
            if (record.Value[0] == 0)
                _context.Forward(record);
            if (++_seen == _lot)
                Report();
        }

        // The task may move to the other thread in mid-lot.
        public void Close() => Report();

        private void Report()
        {
            if (_seen > 0)
                progress.Add(_seen);
            _seen = 0;
        }
    }
}
