using System.CommandLine;
using Assay.Cli.Internal;
using Assay.Cli.Roles;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Commands;

/// <summary><c>assay run</c> and one command for each role: they run until interrupted, which is how they are meant to end.</summary>
internal static class RoleCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Of("run", "Runs all roles in one process against the configured servers", [.. RoleCatalogue.All]),
        new Command("ingest", "Runs one of the two ingest roles")
        {
            Of("contracts", "Contract updates to Kafka", RoleCatalogue.Contracts),
            Of("apis", "Price APIs to Kafka", RoleCatalogue.Apis),
        },
        Of("topology", "Both topics to accuracy records", RoleCatalogue.Topology),
        Of("sink", "Topics to the database", RoleCatalogue.Sink),
    ];

    private static Command Of(string name, string description, params Role[] roles)
    {
        Command command = new(name, description);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ILoggerFactory loggers = parsed.Loggers();
            await RoleHost.RunAsync(roles, parsed.Configuration(), loggers, TimeProvider.System, cancellationToken);
        });
        return command;
    }
}
