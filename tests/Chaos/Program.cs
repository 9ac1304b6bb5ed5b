using System.Globalization;
using System.Runtime.InteropServices;
using Assay.Broker;
using Assay.Chaos.Tests;
using Assay.Streams;
using Assay.Streams.RocksDb;
using Xunit.Runner.InProc.SystemConsole;

// The same program is the test runner and, asked so, what the tests kill:
//   Assay.Chaos.Tests --broker FOLDER PORT
//   Assay.Chaos.Tests --instance BOOTSTRAP THREADS NAME STATE_FOLDER
// An empty name: a dynamic member; an empty folder: stores in memory.
// Both end with SIGTERM, and with their parent, which holds the other end of standard input.
if (args is not ["--broker" or "--instance", ..])
    return await ConsoleRunner.Run(args);

using CancellationTokenSource stop = new();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
// On a thread of its own: reading from a console blocks.
_ = Task.Run(() =>
{
    Console.In.ReadToEnd();
    stop.Cancel();
});
ConsoleLog log = new();
if (args is ["--broker", string folder, string port])
{
    await using KafkaBroker broker = await KafkaBroker.StartAsync(
        new BrokerOptions { DataFolder = folder, Port = int.Parse(port, CultureInfo.InvariantCulture) }, log, TimeProvider.System);
    await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    return 0;
}
using RocksDbEngine? engine = args[4].Length > 0 ? new RocksDbEngine(memoryMegabytes: 8) : null;
using KafkaStreams streams = new(
    ChaosTopology.Build(), ChaosApplication.Options(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), args[3].Length > 0 ? args[3] : null, engine, args[4]),
    log, TimeProvider.System);
try
{
    await streams.RunAsync(stop.Token);
    return 0;
}
catch (StreamsException exception)
{
    Console.WriteLine(exception);
    return 1;
}
