using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Assay.Cli.Configuration;
using Assay.Cli.Internal;
using Assay.Schemas;

namespace Assay.Cli.Commands;

/// <summary><c>assay psql [ARGUMENT...]</c>: psql on the configured database. How to reach it goes through the environment, so that no process list shows the password.</summary>
internal sealed class PsqlCommand : Command
{
    private static readonly Argument<string[]> Passed = new("ARGUMENT")
    {
        Description = "Passed on to psql, e.g. -c 'SELECT * FROM accuracy'; those that assay has too after --",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public PsqlCommand()
        : base("psql", "Opens psql on the configured database")
    {
        Arguments.Add(Passed);
        SetAction((parsed, _) => RunAsync(parsed.Configuration().Database, parsed.GetValue(Passed) ?? []));
    }

    private static async Task<int> RunAsync(DatabaseConnection database, string[] arguments)
    {
        ProcessStartInfo start = new("psql", arguments)
        {
            Environment =
            {
                ["PGHOST"] = database.Host,
                ["PGPORT"] = database.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = database.User,
                ["PGDATABASE"] = database.Name,
                ["PGAPPNAME"] = "assay psql",
            },
        };
        if (database.Password is not null)
            start.Environment["PGPASSWORD"] = database.Password;
        // The terminal sends Ctrl-C to psql as well, which cancels its query: that is no reason for either to end.
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using Process psql = Start(start);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            psql.Kill();
        });
        await psql.WaitForExitAsync(CancellationToken.None);
        return psql.ExitCode;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new UserException("psql is not on this machine: install PostgreSQL's client, e.g. apt-get install postgresql-client.", failure);
        }
    }
}
