using System.CommandLine;
using Assay.Broker;
using Assay.Cli.Internal;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Commands;

/// <summary><c>assay broker --data DIR [--port P] [--registry-port R] [--advertised-port A] [--in-memory]</c>: the embedded broker and registry alone.</summary>
internal static class BrokerCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "The folder that keeps records and state", HelpName = "DIR" };
    private static readonly Option<bool> InMemory = new("--in-memory") { Description = "Keeps nothing: all is gone at the end" };
    private static readonly Option<int> Port = new("--port") { Description = "The broker's TCP port; 0: any that is free", HelpName = "P", DefaultValueFactory = _ => 9092 };
    private static readonly Option<int> RegistryPort = new("--registry-port")
    {
        Description = "The schema registry's TCP port; 0: any that is free", HelpName = "R", DefaultValueFactory = _ => 8081,
    };

    private static readonly Option<int?> AdvertisedPort = new("--advertised-port")
    {
        Description = "The port that clients are told, where a relay or a container's port stands before the broker", HelpName = "A",
    };

    public static Command Create()
    {
        Command command = new("broker", "Runs the embedded broker and schema registry alone, for development and tests") { Data, InMemory, Port, RegistryPort, AdvertisedPort };
        foreach (Option port in new Option[] { Port, RegistryPort, AdvertisedPort })
        {
            port.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is < 0 or > 65_535)
                    result.AddError($"{result.Option.Name} takes a port from 0 to 65535.");
            });
        }
        command.Validators.Add(result =>
        {
            if (result.GetValue(Data) is null != result.GetValue(InMemory))
                result.AddError("Say where the broker keeps its data, with --data DIR or --in-memory, one of the two.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = parsed.Loggers();
        BrokerOptions options = new()
        {
            DataFolder = parsed.GetValue(Data), Port = parsed.GetValue(Port), RegistryPort = parsed.GetValue(RegistryPort), AdvertisedPort = parsed.GetValue(AdvertisedPort),
        };
        try
        {
            await using KafkaBroker broker = await KafkaBroker.StartAsync(options, loggers, TimeProvider.System, cancellationToken);
            Console.WriteLine($"bootstrap {broker.Bootstrap}");
            Console.WriteLine($"registry {broker.RegistryUrl}");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (BrokerException failure)
        {
            throw new UserException(failure.Message, failure);
        }
        return CommandLine.Done;
    }
}
