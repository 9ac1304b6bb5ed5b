using System.CommandLine;
using Assay.Avro.Registry;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Topology;

namespace Assay.Cli.Commands;

/// <summary><c>assay describe [--mermaid]</c>.</summary>
internal static class DescribeCommand
{
    private static readonly Option<bool> Mermaid = new("--mermaid") { Description = "As a Mermaid flow chart, for Markdown" };

    public static Command Create()
    {
        Command command = new("describe", "Prints the topology, as Kafka Streams does") { Mermaid };
        command.SetAction(parsed =>
        {
            AssayConfiguration configuration = parsed.Configuration();
            // Nothing is asked of the registry before a record comes.
            using SchemaRegistryClient registry = configuration.Kafka.RegistryClient(TimeProvider.System);
            string description = AccuracyTopology.Build(configuration.Judged(), registry).Describe();
            Console.WriteLine((parsed.GetValue(Mermaid) ? MermaidChart.Of(description) : description).TrimEnd());
        });
        return command;
    }
}
