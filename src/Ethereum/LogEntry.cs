using System.Text.Json;

namespace Assay.Ethereum;

/// <summary>A log as <c>eth_getLogs</c> and <c>eth_subscribe</c> return it.</summary>
/// <param name="Address">The contract that emitted it; 0x and 40 lower-case hex digits.</param>
/// <param name="Topics">Up to four words, each 0x and 64 hex digits.</param>
/// <param name="Data">0x and the ABI encoded arguments that are not indexed.</param>
/// <param name="Removed">A reorganisation took it back.</param>
/// <param name="Json">As received.</param>
public sealed record LogEntry(string Address, IReadOnlyList<string> Topics, string Data, long BlockNumber, string BlockHash, string TransactionHash, int TransactionIndex,
    int LogIndex, bool Removed, string Json)
{
    /// <exception cref="EthereumException">A field is missing or not what the specification says; names it.</exception>
    public static LogEntry Parse(JsonElement log)
    {
        if (log.ValueKind != JsonValueKind.Object)
            throw new EthereumException($"A log is a JSON object, not a {log.ValueKind}.");
        return new LogEntry(
            Hex.ParseFixed(Field(log, "address"), 20, "A log's address"),
            ParseTopics(Field(log, "topics")),
            Text(Field(log, "data"), "A log's data"),
            Hex.ParseQuantity(Field(log, "blockNumber"), "A log's blockNumber"),
            Hex.ParseFixed(Field(log, "blockHash"), 32, "A log's blockHash"),
            Hex.ParseFixed(Field(log, "transactionHash"), 32, "A log's transactionHash"),
            Int(log, "transactionIndex"),
            Int(log, "logIndex"),
            log.TryGetProperty("removed", out JsonElement removed) && removed.ValueKind == JsonValueKind.True,
            log.GetRawText());
    }

    private static List<string> ParseTopics(JsonElement topics)
    {
        if (topics.ValueKind != JsonValueKind.Array || topics.GetArrayLength() > 4)
            throw new EthereumException("A log's topics are an array of at most four words.");
        return [.. topics.EnumerateArray().Select(topic => Hex.ParseFixed(topic, 32, "A log's topic"))];
    }

    private static int Int(JsonElement log, string name)
    {
        long value = Hex.ParseQuantity(Field(log, name), $"A log's {name}");
        return value <= int.MaxValue ? (int)value : throw new EthereumException($"A log's {name} is too large: {value}.");
    }

    private static string Text(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new EthereumException($"{what} is no string.");

    private static JsonElement Field(JsonElement log, string name) =>
        log.TryGetProperty(name, out JsonElement field) ? field : throw new EthereumException($"A log has no {name}.");
}
