using System.Text;
using Assay.Cli.Configuration;
using Assay.Cli.Configuration.Internal;
using Assay.Schemas;

namespace Assay.Cli.Tests.Configuration;

/// <summary>Loads configurations that tests write inline.</summary>
internal static class Configured
{
    public static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    public static AssayConfiguration By(string json, IReadOnlyDictionary<string, string>? environment = null, params KeyValuePair<string, string>[] flags) =>
        ConfigurationLoader.Load("assay.json", Encoding.UTF8.GetBytes(json), environment ?? Nothing, flags);

    /// <summary>The sentences that the loader answers with, one line each.</summary>
    public static string[] ProblemsOf(string json, IReadOnlyDictionary<string, string>? environment = null, params KeyValuePair<string, string>[] flags) =>
        Assert.Throws<UserException>(() => By(json, environment, flags)).Message.Split(Environment.NewLine);

    /// <summary>The shipped file, loaded with every key it could have traced.</summary>
    public static AssayConfiguration Shipped(KeyTrace? trace = null, IReadOnlyDictionary<string, string>? environment = null) =>
        ConfigurationLoader.Load("assay.json", File.ReadAllBytes(Repository.File("assay.json")), environment ?? Nothing, [], trace);
}
