using System.CommandLine;
using System.Net;
using Assay.Broker;
using Assay.Cli.Internal;
using Assay.Schemas;
using Microsoft.Extensions.Logging;

namespace Assay.Cli.Commands;

/// <summary>
/// <c>assay broker (--data DIR | --in-memory) [--port P] [--registry-port R] [--host ADDRESS] [--advertised-host NAME] [--advertised-port A] [--sasl MECHANISM,…] [--users FILE]
/// [--tls-cert FILE --tls-key FILE]</c>: the embedded broker and registry alone.
/// </summary>
internal static class BrokerCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "The folder that keeps records and state", HelpName = "DIR" };
    private static readonly Option<bool> InMemory = new("--in-memory") { Description = "Keeps nothing: all is gone at the end" };
    private static readonly Option<int> Port = new("--port") { Description = "The broker's TCP port; 0: any that is free", HelpName = "P", DefaultValueFactory = _ => 9092 };
    private static readonly Option<int> RegistryPort = new("--registry-port")
    {
        Description = "The schema registry's TCP port; 0: any that is free", HelpName = "R", DefaultValueFactory = _ => 8081,
    };

    private static readonly Option<string> Host = new("--host")
    {
        Description = "The address to listen on; any other than loopback needs --sasl. The registry listens there too if there is a certificate, else on loopback",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };

    private static readonly Option<string?> AdvertisedHost = new("--advertised-host")
    {
        Description = "The name that clients are told, e.g. the certificate's [default: the address that they came by]", HelpName = "NAME",
    };

    private static readonly Option<int?> AdvertisedPort = new("--advertised-port")
    {
        Description = "The port that clients are told, where a relay or a container's port stands before the broker", HelpName = "A",
    };

    private static readonly Option<string?> Sasl = new("--sasl")
    {
        Description = "Lets in only users who prove themselves by one of these, separated by commas: SCRAM-SHA-256, SCRAM-SHA-512, PLAIN (with TLS only). The registry asks them by basic authentication",
        HelpName = "MECHANISM,…",
    };

    private static readonly Option<string?> Users = new("--users")
    {
        Description = $"A file with a line name=password for each user [default: the lines of the environment variable {BrokerUsers.Variable}]", HelpName = "FILE",
    };

    private static readonly Option<string?> TlsCertificate = new("--tls-cert") { Description = "Encrypts with TLS 1.2 or 1.3: a PEM file with the certificate and those above it", HelpName = "FILE" };
    private static readonly Option<string?> TlsKey = new("--tls-key") { Description = "A PEM file with the certificate's key", HelpName = "FILE" };

    public static Command Create()
    {
        Command command = new("broker", "Runs the embedded broker and schema registry alone, for development and tests")
        {
            Data, InMemory, Port, RegistryPort, Host, AdvertisedHost, AdvertisedPort, Sasl, Users, TlsCertificate, TlsKey,
        };
        foreach (Option port in new Option[] { Port, RegistryPort, AdvertisedPort })
        {
            port.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is < 0 or > 65_535)
                    result.AddError($"{result.Option.Name} takes a port from 0 to 65535.");
            });
        }
        Host.Validators.Add(result =>
        {
            if (!IPAddress.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError($"--host takes an IP address of this machine, or 0.0.0.0 for all of them, not '{result.GetValueOrDefault<string>()}'.");
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(Data) is null != result.GetValue(InMemory))
                result.AddError("Say where the broker keeps its data, with --data DIR or --in-memory, one of the two.");
            else if (result.GetValue(Sasl) is null && IPAddress.TryParse(result.GetValue(Host), out IPAddress? address) && !IPAddress.IsLoopback(address))
                result.AddError($"On {address} anybody could reach the broker, so it needs --sasl, e.g. --sasl SCRAM-SHA-256, with the users in --users FILE or in {BrokerUsers.Variable}.");
            else if (result.GetValue(TlsCertificate) is null != result.GetValue(TlsKey) is null)
                result.AddError("--tls-cert and --tls-key go together: the certificate and its key.");
            else if (result.GetValue(Users) is not null && result.GetValue(Sasl) is null)
                result.AddError("--users names who may log in, so it needs --sasl, which says how, e.g. --sasl SCRAM-SHA-256.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = parsed.Loggers();
        string[]? mechanisms = parsed.GetValue(Sasl)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        BrokerOptions options = new()
        {
            DataFolder = parsed.GetValue(Data),
            Listen = IPAddress.Parse(parsed.GetRequiredValue(Host)),
            AdvertisedHost = parsed.GetValue(AdvertisedHost),
            Port = parsed.GetValue(Port),
            RegistryPort = parsed.GetValue(RegistryPort),
            AdvertisedPort = parsed.GetValue(AdvertisedPort),
            Sasl = mechanisms is null ? null : new SaslOptions { Mechanisms = [.. mechanisms.Select(name => name.ToUpperInvariant())], Users = BrokerUsers.Read(parsed.GetValue(Users)) },
            Tls = parsed.GetValue(TlsCertificate) is { } certificate ? new TlsOptions(certificate, parsed.GetRequiredValue(TlsKey)!) : null,
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
