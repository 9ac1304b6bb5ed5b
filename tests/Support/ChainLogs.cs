using System.Net.Http.Json;
using System.Text.Json;

namespace Assay.Tests.Support;

/// <summary>What the node itself says happened: asked with nothing of ours in between.</summary>
public static class ChainLogs
{
    /// <summary>keccak-256 of <c>AnswerUpdated(int256,uint256,uint256)</c>.</summary>
    private const string AnswerUpdated = "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f";

    /// <summary>All AnswerUpdated logs of the chain as <c>block hash/log index</c>.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(Uri node)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };
        object request = new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "eth_getLogs",
            @params = new object[] { new { fromBlock = "0x0", toBlock = "latest", topics = new[] { AnswerUpdated } } },
        };
        using HttpResponseMessage response = await http.PostAsJsonAsync(node, request, TestContext.Current.CancellationToken);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return
        [
            .. answer.RootElement.GetProperty("result").EnumerateArray()
                .Select(log => $"{log.GetProperty("blockHash").GetString()}/{Convert.ToInt32(log.GetProperty("logIndex").GetString(), 16)}"),
        ];
    }
}
