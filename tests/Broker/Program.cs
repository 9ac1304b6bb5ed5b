using Assay.Broker;
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
// Ends with its parent: the parent holds the other end of standard input.
await Console.In.ReadLineAsync();
return 0;
