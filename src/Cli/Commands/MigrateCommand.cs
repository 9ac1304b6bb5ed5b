using System.CommandLine;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Cli.Roles;
using Assay.Sink;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Commands;

/// <summary><c>assay migrate</c>: what the sink does when it starts, for a sink whose user may only write.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        Command command = new("migrate", "Brings the database's schema, roles and retention up to date");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DatabaseConnection database = parsed.Configuration().Database;
            using ILoggerFactory loggers = parsed.Loggers();
            bool timescale = await Migrations.ApplyAsync(RoleCatalogue.Stored(database), loggers.CreateLogger("Assay.Sink"), cancellationToken);
            Console.WriteLine($"{database} is up to date: {(timescale ? "hypertables of TimescaleDB" : "plain tables")}.");
        });
        return command;
    }
}
