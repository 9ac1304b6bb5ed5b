using System.CommandLine;
using Assay.Cli.Demo;

namespace Assay.Cli.Commands;

/// <summary>All commands, in the order in which the help lists them.</summary>
internal static class Catalogue
{
    public static IEnumerable<Command> Commands() =>
    [
        DemoCommand.Create(),
        .. RoleCommands.Create(),
        TailCommand.Create(),
        DeadLettersCommand.Create(),
        ReplayCommand.Create(),
        VerifyCommand.Create(),
        MigrateCommand.Create(),
        new PsqlCommand(),
        CheckCommand.Create(),
        DescribeCommand.Create(),
        BrokerCommand.Create(),
    ];
}
