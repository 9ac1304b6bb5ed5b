using Assay.Broker;
using Assay.Broker.Internal.Storage;
using Xunit.Runner.InProc.SystemConsole;

// The same program is the test runner and, asked so, a broker in a process of its own that a test can kill:
//   Assay.Broker.Tests --broker FOLDER PORT [REGISTRY_PORT]
if (args is not ["--broker", string folder, string port, ..])
    return await ConsoleRunner.Run(args);

await using KafkaBroker broker = await KafkaBroker.StartAsync(new BrokerOptions
{
    DataFolder = folder,
    Port = int.Parse(port),
    RegistryPort = args.Length > 3 ? int.Parse(args[3]) : null,
});
Console.WriteLine(broker.Bootstrap);
// Compacts all the time, so that a kill has a chance to hit it.
_ = Task.Run(async () =>
{
    while (true)
    {
        foreach (PartitionLog log in broker.Node.Topics.All.SelectMany(topic => topic.Partitions))
            log.Compact(CancellationToken.None);
        await Task.Delay(TimeSpan.FromMilliseconds(10));
    }
});
// Ends with its parent: the parent holds the other end of standard input.
await Console.In.ReadLineAsync();
return 0;
