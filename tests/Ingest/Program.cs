using Assay.Demo.Chain;
using Assay.Ingest.Contracts;
using Assay.Schemas;
using Xunit.Runner.InProc.SystemConsole;

// The same program is the test runner and, asked so, the contracts role in a process of its own that a test can kill:
//   Assay.Ingest.Tests --contracts CHAIN_URL BOOTSTRAP REGISTRY_URL NAME=PROXY...
// It prints a line once it follows all feeds.
if (args is not ["--contracts", string chain, string bootstrap, string registry, .. string[] feeds])
    return await ConsoleRunner.Run(args);

RecordingLog log = new();
ContractIngest ingest = new(
    [new ChainOptions { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [new Uri(chain)], PollEvery = TimeSpan.FromMilliseconds(100), StartBlocksBack = 10_000 }],
    [.. feeds.Select(feed => feed.Split('=')).Select(feed => new FeedOptions
    {
        Name = feed[0],
        Pair = feed[0].ToUpperInvariant(),
        Chain = "demo",
        Proxy = feed[1],
        Heartbeat = TimeSpan.FromMinutes(1),
        DeviationThreshold = 0.5m,
    })],
    new KafkaConnection { Bootstrap = bootstrap, Registry = new Uri(registry) }, log, TimeProvider.System);
using CancellationTokenSource stopping = new();
Task running = ingest.RunAsync(stopping.Token);
while (!running.IsCompleted && log.Lines.Count(line => line.Id == 500) < feeds.Length)
    await Task.Delay(10);
Console.WriteLine("following");
// Ends with its parent, which holds the other end of standard input.
await Task.WhenAny(running, Console.In.ReadLineAsync());
await stopping.CancelAsync();
await running;
return 0;
