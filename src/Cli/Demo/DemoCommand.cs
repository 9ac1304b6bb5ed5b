using System.CommandLine;
using Assay.Cli.Configuration.Internal;
using Assay.Cli.Internal;
using Assay.Cli.Roles;

namespace Assay.Cli.Demo;

/// <summary><c>assay demo</c>.</summary>
internal static class DemoCommand
{
    private static readonly Option<TimeSpan?> For = new("--for")
    {
        Description = "Stops by itself after this long, e.g. 60s",
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (DurationText.TryParse(result.Tokens[0].Value, out TimeSpan duration) && duration > TimeSpan.Zero)
                return duration;
            result.AddError($"--for takes a duration such as 60s or 5m, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    private static readonly Option<string?> Data = new("--data") { Description = "Keeps the demo's data there [default: .data/demo in the checkout]", HelpName = "FOLDER" };

    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Begins anew instead of going on where the last demo stopped" };

    private static readonly Option<string?> Endpoints = new("--endpoints")
    {
        Description = "Writes the addresses of everything as JSON once the first accuracy record can be read",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        Command command = new("demo", "Runs everything on this machine, with a simulated market, and shows it at work") { For, Data, Fresh, Endpoints };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DemoOptions options = new()
            {
                DataFolder = parsed.GetValue(Data) ?? DemoFolder.Default(),
                For = parsed.GetValue(For),
                Fresh = parsed.GetValue(Fresh),
                EndpointsFile = parsed.GetValue(Endpoints),
                // The rest of the configuration is about the real world, which the demo brings its own of.
                Format = parsed.Configuration().Accuracy.Format,
            };
            TimeProvider time = TimeProvider.System;
            DemoRun demo = new(options, (configuration, loggers, stop) => RoleHost.RunAsync(RoleCatalogue.All, configuration, loggers, time, stop), Console.Out, time);
            await demo.RunAsync(cancellationToken);
            return CommandLine.Done;
        });
        return command;
    }
}
