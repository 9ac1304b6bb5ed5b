using System.CommandLine;
using Assay.Cli.Configuration;

namespace Assay.Cli.Internal;

/// <summary>The options that every command takes.</summary>
internal static class CommonOptions
{
    public static readonly Option<string?> Config = new("--config")
    {
        Description = "The configuration file [default: assay.json here, else the checkout's]",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string[]> Set = new("--set")
    {
        Description = "Sets one key over file and environment, e.g. --set kafka.bootstrap=host:9092",
        HelpName = "KEY=VALUE",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Logs more, and shows traces of failures", Recursive = true };

    public static readonly IReadOnlyList<Option> All = [Config, Set, Verbose];

    static CommonOptions() => Set.Validators.Add(result =>
    {
        foreach (string setting in result.GetValueOrDefault<string[]>() ?? [])
        {
            if (setting.IndexOf('=', StringComparison.Ordinal) <= 0)
                result.AddError($"--set takes KEY=VALUE, not '{setting}'.");
        }
    });

    /// <summary>The configuration that this command line asks for.</summary>
    public static AssayConfiguration Configuration(this ParseResult parsed)
    {
        IEnumerable<KeyValuePair<string, string>> flags = (parsed.GetValue(Set) ?? []).Select(setting =>
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            return new KeyValuePair<string, string>(setting[..equals], setting[(equals + 1)..]);
        });
        return ConfigurationLoader.Load(parsed.GetValue(Config), flags: [.. flags]);
    }
}
