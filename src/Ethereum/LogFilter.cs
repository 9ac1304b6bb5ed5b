using System.Text.Json.Nodes;

namespace Assay.Ethereum;

/// <summary>Which logs: those that one of the contracts emitted with this first topic.</summary>
public sealed record LogFilter(IReadOnlyCollection<string> Addresses, string Topic)
{
    internal JsonObject ToJson() => new()
    {
        ["address"] = new JsonArray([.. Addresses.Select(address => (JsonNode)address)]),
        ["topics"] = new JsonArray(Topic),
    };

    internal JsonObject ToJson(long fromBlock, long toBlock)
    {
        JsonObject json = ToJson();
        json["fromBlock"] = Hex.Quantity(fromBlock);
        json["toBlock"] = Hex.Quantity(toBlock);
        return json;
    }
}
