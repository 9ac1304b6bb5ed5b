// The engine's own cost: the same records through the engine and through a bare loop of the same client.
//
//   dotnet run -c Release --project bench/Streams -- fill|engine|engine-alo|count|loop|latency --bootstrap HOST:PORT [--topic in] [--records 1000000] [--partitions 3] [--threads 2] [--bytes 100]
//
// fill    writes the input topic
// engine  a filter that passes one record in a hundred on, exactly once (engine-alo: at least once)
// count   a count per key in a store with a changelog, exactly once; forwards one count in a hundred
// loop    Confluent.Kafka's consumer and transactional producer by hand, the same filter, committing every 100 ms
// latency a reduce by key at 1,000 records a second, exactly once, commits every 100 ms: from producing an input to reading its committed output; needs no filling
//
// Prints one JSON line: records per second from the first record to the last, bytes allocated per record, resident memory.

using System.Diagnostics;
using Assay.Streams.Bench;

Dictionary<string, string> options = [];
for (int i = 1; i + 1 < args.Length; i += 2)
    options[args[i].TrimStart('-')] = args[i + 1];
Workload workload = new(
    options.GetValueOrDefault("bootstrap", "127.0.0.1:9092"), options.GetValueOrDefault("topic", "in"),
    int.Parse(options.GetValueOrDefault("records", "1000000")), int.Parse(options.GetValueOrDefault("partitions", "3")),
    int.Parse(options.GetValueOrDefault("threads", "2")), int.Parse(options.GetValueOrDefault("bytes", "100")));
string mode = args.Length > 0 ? args[0] : "";
if (mode == "fill")
{
    await workload.Fill();
    return 0;
}
if (mode == "latency")
{
    double[] latencies = await Latency.Measure(workload);
    Console.WriteLine($"{{\"mode\":\"latency\",\"records\":{latencies.Length},\"p50_ms\":{latencies[latencies.Length / 2]:0.0},\"p99_ms\":{latencies[latencies.Length * 99 / 100]:0.0},\"max_ms\":{latencies[^1]:0.0}}}");
    return 0;
}
if (mode is not ("engine" or "engine-alo" or "count" or "loop"))
{
    Console.Error.WriteLine("usage: fill|engine|engine-alo|count|loop|latency --bootstrap HOST:PORT, see Program.cs");
    return 2;
}
Progress progress = new(workload.Records);
await (mode == "loop" ? Loop() : Engine.Run(workload, progress, mode));
Console.WriteLine(
    $"{{\"mode\":\"{mode}\",\"threads\":{workload.Threads},\"records\":{workload.Records},\"seconds\":{progress.Seconds:0.000},\"records_per_second\":{workload.Records / progress.Seconds:0},\"cpu_us_per_record\":{progress.CpuSeconds * 1e6 / workload.Records:0.00}," +
    $"\"allocated_per_record\":{progress.Allocated / (double)workload.Records:0},\"rss_mb\":{Process.GetCurrentProcess().WorkingSet64 / 1048576}}}");
return 0;

async Task Loop()
{
    string id = Workload.NewId();
    await workload.Create($"{id}-out");
    LoopPlan plan = new(workload.Bootstrap, id, [workload.Topic], $"{id}-out", workload.Threads);
    await BareLoop.Run(plan, () => result => result.Message.Value[0] == 0, progress.Add, progress.Done);
}
