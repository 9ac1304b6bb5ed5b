using System.Text;
using System.Text.RegularExpressions;

namespace Assay.Cli.Internal;

/// <summary>Draws what a topology's description says: topics as rounded boxes, processors as boxes, stores as cylinders.</summary>
/// <remarks>The description is in Kafka Streams' format: <c>Source: NAME (topics: [T])</c>, <c>Processor: NAME (stores: [S])</c>, <c>Sink: NAME (topic: T)</c>, each followed by <c>--&gt; NAME, NAME</c>.</remarks>
internal static partial class MermaidChart
{
    public static string Of(string description)
    {
        StringBuilder chart = new("flowchart LR\n");
        string node = "";
        foreach (string line in description.Split('\n'))
        {
            if (SubTopology().Match(line) is { Success: true } part)
                chart.Append($"  %% Sub-topology {part.Groups["number"].Value}\n");
            else if (Declaration().Match(line) is { Success: true } declared)
                node = Declare(chart, declared);
            else if (Children().Match(line) is { Success: true } children)
                Connect(chart, node, children.Groups["names"].Value);
        }
        return chart.ToString();
    }

    private static string Declare(StringBuilder chart, Match declared)
    {
        string name = declared.Groups["name"].Value;
        chart.Append($"  {Id(name)}[{name}]\n");
        foreach (string thing in declared.Groups["things"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            chart.Append(declared.Groups["kind"].Value switch
            {
                "Source" => $"  {Id("topic", thing)}([{thing}]) --> {Id(name)}\n",
                "Sink" => $"  {Id(name)} --> {Id("topic", thing)}([{thing}])\n",
                _ => $"  {Id(name)} <--> {Id("store", thing)}[({thing})]\n",
            });
        }
        return name;
    }

    private static void Connect(StringBuilder chart, string node, string names)
    {
        foreach (string child in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(child => child != "none"))
            chart.Append($"  {Id(node)} --> {Id(child)}\n");
    }

    private static string Id(params string[] parts) => NotAWord().Replace(string.Join('_', parts), "_");

    [GeneratedRegex(@"Sub-topology: (?<number>\d+)")]
    private static partial Regex SubTopology();

    [GeneratedRegex(@"^\s*(?<kind>Source|Processor|Sink): +(?<name>\S+) \((?:topics?|stores): \[?(?<things>[^\])]*)\]?\)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*--> (?<names>.+)$")]
    private static partial Regex Children();

    [GeneratedRegex(@"\W")]
    private static partial Regex NotAWord();
}
