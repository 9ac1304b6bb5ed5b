using System.Text.Json;

namespace Assay.Ethereum;

/// <summary>Reading blocks and contracts.</summary>
public sealed partial class EthereumClient
{
    /// <summary>The number of the newest block.</summary>
    public async Task<long> GetBlockNumberAsync(CancellationToken cancellationToken) =>
        Hex.ParseQuantity(await SendAsync("eth_blockNumber", [], cancellationToken), "The block number");

    /// <returns>Null where the node has no such block (yet).</returns>
    public async Task<BlockHeader?> GetBlockByNumberAsync(long number, CancellationToken cancellationToken)
    {
        JsonElement block = await SendAsync("eth_getBlockByNumber", [Hex.Quantity(number), false], cancellationToken);
        if (block.ValueKind == JsonValueKind.Null)
            return null;
        if (block.ValueKind != JsonValueKind.Object)
            throw new EthereumException($"Block {number} came as a JSON {block.ValueKind}, not as an object.");
        return new BlockHeader(
            Hex.ParseQuantity(Property(block, "number"), "A block's number"),
            Hex.ParseFixed(Property(block, "hash"), 32, "A block's hash"),
            Hex.ParseFixed(Property(block, "parentHash"), 32, "A block's parentHash"),
            Hex.ParseQuantity(Property(block, "timestamp"), "A block's timestamp"));
    }

    /// <summary>Whether a contract lives at an address.</summary>
    public async Task<bool> HasCodeAsync(string address, CancellationToken cancellationToken) =>
        Hex.ParseData(await SendAsync("eth_getCode", [address, "latest"], cancellationToken), "The code").Length > 0;

    /// <summary><c>eth_call</c>: runs a read call.</summary>
    /// <param name="block">On the state after this block; null: the newest. Nodes keep the states of the last 128 blocks only, unless they are archives.</param>
    /// <exception cref="RpcResponseException">The call reverts, or the node does not have the state.</exception>
    public async Task<byte[]> CallAsync(string to, byte[] data, long? block, CancellationToken cancellationToken)
    {
        System.Text.Json.Nodes.JsonObject call = new() { ["to"] = to, ["data"] = Hex.Data(data) };
        JsonElement result = await SendAsync("eth_call", [call, block is { } number ? Hex.Quantity(number) : "latest"], cancellationToken);
        return Hex.ParseData(result, "The result of eth_call");
    }

    private static JsonElement Property(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement property) ? property : throw new EthereumException($"A block has no {name}.");
}
