using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Assay.Avro.Tests.Support;

/// <summary>Runs another Avro implementation once over a batch of cases: a JSON object a line in, one a line out.</summary>
internal static class ForeignAvro
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static Task<List<JsonNode>> NodeAsync(IEnumerable<JsonObject> cases)
    {
        string node = Foreign.Program("node", "install Node.js 18 or later");
        return RunAsync(node, [Script("avsc.cjs"), Foreign.NodePackage("avsc")], cases);
    }

    public static Task<List<JsonNode>> JavaAsync(IEnumerable<JsonObject> cases) =>
        RunAsync(Foreign.KafkaTool("kafka-run-class.sh"), [Script("ApacheAvro.java")], cases);

    private static string Script(string name) => Repository.File("tests", "Avro", "Foreign", name);

    private static async Task<List<JsonNode>> RunAsync(string program, string[] arguments, IEnumerable<JsonObject> cases)
    {
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        using TemporaryFolder folder = new();
        await File.WriteAllLinesAsync(folder["cases"], cases.Select(one => one.ToJsonString()), bound.Token);
        ProcessStartInfo start = new(program, [.. arguments, folder["cases"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(bound.Token);
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync(bound.Token);
            Assert.True(process.ExitCode == 0, await errors);
            return [.. lines.Select(line => JsonNode.Parse(line)!)];
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
