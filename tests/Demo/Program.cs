using Assay.Demo.Chain;
using Assay.Ethereum;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Runner.InProc.SystemConsole;

// The same program is the test runner and, asked so, the owner of an EVM node, in a process of its own that a test can kill:
//   Assay.Demo.Tests --chain FOLDER
// It prints the node's process id and, after some submitted prices, the hash of the newest block.
if (args is not ["--chain", string folder])
    return await ConsoleRunner.Run(args);

await using AnvilNode node = await AnvilNode.StartAsync(new AnvilOptions { DataFolder = folder }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
await using DemoChain chain = await DemoChain.DeployAsync(node, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
Console.WriteLine(node.ProcessId);
for (int price = 1; price <= 20; price++)
    await chain.SubmitAsync("ETH-USD", price, CancellationToken.None);
await using EthereumClient client = new(
    new EthereumClientOptions { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [node.Http] }, NullLogger.Instance, TimeProvider.System);
Console.WriteLine((await client.GetBlockByNumberAsync(await client.GetBlockNumberAsync(CancellationToken.None), CancellationToken.None))!.Hash);
// Ends with its parent, which holds the other end of standard input.
await Console.In.ReadLineAsync();
return 0;
