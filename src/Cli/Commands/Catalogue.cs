using System.CommandLine;

namespace Assay.Cli.Commands;

/// <summary>All commands, in the order in which the help lists them.</summary>
internal static class Catalogue
{
    public static IEnumerable<Command> Commands() =>
    [
        .. RoleCommands.Create(),
        TailCommand.Create(),
        new PsqlCommand(),
        CheckCommand.Create(),
        DescribeCommand.Create(),
        BrokerCommand.Create(),
    ];
}
