using Assay.Demo.Chain;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Ethereum.Tests;

/// <summary>A real anvil with the demo's contracts.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private TestNode()
    {
    }

    public AnvilNode Anvil { get; private set; } = null!;
    public DemoChain Chain { get; private set; } = null!;

    public static async Task<TestNode> StartAsync()
    {
        TestNode node = new();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        node.Anvil = await AnvilNode.StartAsync(new AnvilOptions { DataFolder = node._folder.Path }, NullLoggerFactory.Instance, TimeProvider.System, cancellation);
        node.Chain = await DemoChain.DeployAsync(node.Anvil, NullLoggerFactory.Instance, TimeProvider.System, cancellation);
        return node;
    }

    public EthereumClient Client(bool webSocket = false, ILogger? logger = null) => new(
        new EthereumClientOptions { Name = "test", ChainId = AnvilOptions.ChainId, Endpoints = [webSocket ? Anvil.WebSocket : Anvil.Http] },
        logger ?? NullLogger.Instance, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await Chain.DisposeAsync();
        await Anvil.DisposeAsync();
        _folder.Dispose();
    }
}
