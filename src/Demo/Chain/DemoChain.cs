using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Assay.Demo.Chain.Internal;
using Assay.Ethereum;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Demo.Chain;

/// <summary>
/// The demo's price feeds on an anvil node: for each pair a proxy before an aggregator of our own, with eight decimals. The n-th pair belongs to the n-th of the node's
/// unlocked accounts, whose first transaction creates the aggregator and whose second creates the proxy, so that the addresses are the same on every chain and found again on a kept one.
/// </summary>
public sealed class DemoChain : IAsyncDisposable
{
    private const int Decimals = 8;
    // More than any of them takes. The node's estimate would be made within one second and spent in the next, where a new time costs more to store.
    private const long Gas = 2_000_000;
    private const int PollEveryMs = 20;
    private static readonly TimeSpan ReceiptBound = TimeSpan.FromSeconds(10);
    private static readonly string[] Pairs = ["ETH-USD", "LINK-USD", "BTC-USD"];

    private readonly EthereumClient _client;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Deployment> _deployments = [];

    private sealed record Deployment(string Owner, string Proxy)
    {
        public SemaphoreSlim Submitting { get; } = new(1);
    }

    private DemoChain(EthereumClient client, TimeProvider time)
    {
        _client = client;
        _time = time;
    }

    public IReadOnlyList<DemoFeed> Feeds => [.. Pairs.Select(pair => new DemoFeed(pair.ToLowerInvariant(), pair, _deployments[pair].Proxy))];

    /// <summary>Finds the feeds on the node's chain and creates those that are missing.</summary>
    /// <exception cref="UserException">The chain holds something else.</exception>
    /// <exception cref="EthereumException">The node does not do what it is asked.</exception>
    public static async Task<DemoChain> DeployAsync(AnvilNode node, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        EthereumClient client = new(
            new EthereumClientOptions { Name = "demo", ChainId = AnvilOptions.ChainId, Endpoints = [node.Http] }, loggers.CreateLogger<DemoChain>(), time);
        DemoChain chain = new(client, time);
        try
        {
            JsonElement accounts = await client.SendAsync("eth_accounts", [], cancellationToken);
            if (accounts.ValueKind != JsonValueKind.Array || accounts.GetArrayLength() < Pairs.Length)
                throw new UserException("The EVM node has no unlocked accounts; is it anvil?");
            for (int index = 0; index < Pairs.Length; index++)
            {
                string owner = Hex.ParseFixed(accounts[index], 20, "An account");
                await chain.EnsureAsync(owner, 0, ContractArtifacts.CreateAggregator(Decimals, Pairs[index].Replace("-", " / ", StringComparison.Ordinal)), cancellationToken);
                await chain.EnsureAsync(owner, 1, ContractArtifacts.CreateProxy(ContractArtifacts.AddressOf(owner, 0)), cancellationToken);
                chain._deployments[Pairs[index]] = new Deployment(owner, ContractArtifacts.AddressOf(owner, 1));
            }
            // A node that is killed in its first second must not come back without the contracts.
            await node.SaveAsync(cancellationToken);
            return chain;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes an answer as the oracle network would; returns once it is in a block.</summary>
    /// <param name="price">In the pair's quote currency; rounded to eight decimals.</param>
    /// <exception cref="EthereumException">The node does not answer, or refuses.</exception>
    public async Task SubmitAsync(string pair, decimal price, CancellationToken cancellationToken)
    {
        Deployment deployment = _deployments[pair];
        // One at a time: two transactions of one account without a nonce of their own race for the same one.
        await deployment.Submitting.WaitAsync(cancellationToken);
        try
        {
            string aggregator = await new PriceFeed(_client, deployment.Proxy).GetAggregatorAsync(cancellationToken);
            BigInteger answer = new(decimal.Round(price * 100_000_000m, 0, MidpointRounding.ToEven));
            await TransactAsync(deployment.Owner, aggregator, ContractArtifacts.Submit(answer), cancellationToken);
        }
        finally
        {
            deployment.Submitting.Release();
        }
    }

    /// <summary>Moves a feed to a new aggregator, as an upgrade of the oracle does: the proxy's next phase begins, without an answer yet.</summary>
    /// <returns>The new aggregator's address.</returns>
    public async Task<string> MoveAsync(string pair, CancellationToken cancellationToken)
    {
        Deployment deployment = _deployments[pair];
        await deployment.Submitting.WaitAsync(cancellationToken);
        try
        {
            string create = ContractArtifacts.CreateAggregator(Decimals, pair.Replace("-", " / ", StringComparison.Ordinal));
            JsonElement receipt = await TransactAsync(deployment.Owner, to: null, create, cancellationToken);
            string aggregator = Hex.ParseFixed(receipt.GetProperty("contractAddress"), 20, "The new contract's address");
            await TransactAsync(deployment.Owner, deployment.Proxy, ContractArtifacts.SetAggregator(aggregator), cancellationToken);
            return aggregator;
        }
        finally
        {
            deployment.Submitting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (Deployment deployment in _deployments.Values)
            deployment.Submitting.Dispose();
    }

    private async Task EnsureAsync(string owner, int nonce, string create, CancellationToken cancellationToken)
    {
        string expected = ContractArtifacts.AddressOf(owner, nonce);
        if (await _client.HasCodeAsync(expected, cancellationToken))
            return;
        JsonElement receipt = await TransactAsync(owner, to: null, create, cancellationToken);
        string created = Hex.ParseFixed(receipt.GetProperty("contractAddress"), 20, "The new contract's address");
        if (created != expected)
            throw new UserException($"The EVM node's chain holds something else than the demo's contracts ({created} was created where {expected} should be); start with --fresh.");
    }

    private async Task<JsonElement> TransactAsync(string from, string? to, string data, CancellationToken cancellationToken)
    {
        JsonObject transaction = new() { ["from"] = from, ["data"] = data, ["gas"] = Hex.Quantity(Gas) };
        if (to is not null)
            transaction["to"] = to;
        string hash = Hex.ParseFixed(await _client.SendAsync("eth_sendTransaction", [transaction], cancellationToken), 32, "The transaction's hash");
        long started = _time.GetTimestamp();
        while (true)
        {
            JsonElement receipt = await _client.SendAsync("eth_getTransactionReceipt", [hash], cancellationToken);
            if (receipt.ValueKind == JsonValueKind.Object)
                return receipt.GetProperty("status").GetString() == "0x1" ? receipt : throw new EthereumException($"The contract refused the transaction {hash}.");
            if (_time.GetElapsedTime(started) > ReceiptBound)
                throw new EthereumException(string.Create(CultureInfo.InvariantCulture, $"The transaction {hash} is in no block after {ReceiptBound.TotalSeconds:0} s."));
            await Task.Delay(TimeSpan.FromMilliseconds(PollEveryMs), _time, cancellationToken);
        }
    }
}
