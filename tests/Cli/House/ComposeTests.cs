using System.Text.RegularExpressions;
using Assay.Cli.Configuration.Internal;
using Assay.Cli.Tests.Configuration;
using YamlDotNet.RepresentationModel;

namespace Assay.Cli.Tests.House;

/// <summary>docker-compose.yml against the program: no Docker engine is needed to see that what it names exists.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] OurServices = ["producer", "api_producer", "topology", "sink"];

    [Fact]
    public async Task Docker_compose_accepts_the_file()
    {
        string compose = Foreign.Program("docker-compose", "apt-get install docker-compose");
        (int exitCode, string output, string error) = await Programs.RunAsync(compose, ["--file", Repository.File("docker-compose.yml"), "config"], folder: Repository.Root);
        Assert.True(exitCode == 0, error);
        Assert.Contains("api_producer:", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_service_that_is_ours_and_no_other_is_built_here() =>
        Assert.Equal(OurServices.Order(StringComparer.Ordinal), Services().Where(service => service.Merged("build") is not null).Select(service => service.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_command_exists_in_the_program()
    {
        foreach (Service service in Ours())
        {
            string[] command = [.. ((YamlSequenceNode)service.Merged("command")!).Children.Select(word => ((YamlScalarNode)word).Value!)];
            Assert.Empty(CommandLine.Build().Parse(command).Errors.Select(error => $"{service.Name}: {error.Message}"));
        }
    }

    [Fact]
    public void Every_variable_means_something_to_the_program()
    {
        string shipped = SourceTree.Read("assay.json");
        HashSet<string> known = [.. Overlay.Aliases.Select(alias => alias.Variable), .. Reference().Matches(shipped).Select(match => match.Groups["name"].Value)];
        foreach (Service service in Ours())
        {
            IReadOnlyDictionary<string, string> environment = service.Environment();
            Assert.All(environment.Keys, name => Assert.True(name.StartsWith(Overlay.Prefix, StringComparison.Ordinal) || known.Contains(name), $"{service.Name}: {name}"));
            // Unknown keys and wrong values are the loader's to find.
            Assert.NotEmpty(Configured.Shipped(environment: environment).Kafka.Bootstrap);
        }
    }

    [Fact]
    public void Services_find_each_other_by_names_that_exist()
    {
        string[] names = [.. Services().Select(service => service.Name)];
        foreach (Service service in Ours())
        {
            var configuration = Configured.Shipped(environment: service.Environment());
            Assert.Contains(configuration.Kafka.Bootstrap.Split(':')[0], names);
            Assert.Contains(configuration.Kafka.Registry.Host, names);
            if (service.Name == "sink")
                Assert.Contains(configuration.Database.Host, names);
        }
    }

    [Fact]
    public void The_sink_logs_in_as_the_user_that_the_database_makes()
    {
        Dictionary<string, string> store = Services().Single(service => service.Name == "store").Environment();
        var database = Configured.Shipped(environment: Services().Single(service => service.Name == "sink").Environment()).Database;
        Assert.Equal((store["POSTGRES_USER"], store["POSTGRES_PASSWORD"], store["POSTGRES_DB"]), (database.User, database.Password, database.Name));
    }

    [Fact]
    public void Whatever_is_waited_for_has_a_health_check()
    {
        Dictionary<string, Service> services = Services().ToDictionary(service => service.Name);
        foreach (Service service in services.Values)
        {
            if (service.Merged("depends_on") is not YamlMappingNode awaited)
                continue;
            foreach ((YamlNode name, YamlNode condition) in awaited.Children)
            {
                Assert.Equal("service_healthy", ((YamlScalarNode)condition["condition"]).Value);
                Assert.NotNull(services[((YamlScalarNode)name).Value!].Merged("healthcheck"));
            }
        }
    }

    private static IEnumerable<Service> Ours() => Services().Where(service => OurServices.Contains(service.Name));

    private static IEnumerable<Service> Services()
    {
        YamlStream stream = [];
        stream.Load(new StringReader(SourceTree.Read("docker-compose.yml")));
        YamlMappingNode services = (YamlMappingNode)stream.Documents[0].RootNode["services"];
        return services.Children.Select(service => new Service(((YamlScalarNode)service.Key).Value!, (YamlMappingNode)service.Value));
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)\??\}")]
    private static partial Regex Reference();

    /// <summary>A service with its merges (<c>&lt;&lt;</c>) resolved and variables at their defaults.</summary>
    private sealed partial record Service(string Name, YamlMappingNode Node)
    {
        public YamlNode? Merged(string key) => Merge(Node).GetValueOrDefault(key);

        public Dictionary<string, string> Environment() =>
            Merged("environment") is YamlMappingNode environment
                ? Merge(environment).ToDictionary(entry => entry.Key, entry => Default().Replace(((YamlScalarNode)entry.Value).Value ?? "", "${fallback}"))
                : [];

        private static Dictionary<string, YamlNode> Merge(YamlMappingNode node)
        {
            Dictionary<string, YamlNode> merged = [];
            foreach ((YamlNode key, YamlNode value) in node.Children)
            {
                if (((YamlScalarNode)key).Value != "<<")
                    continue;
                IEnumerable<YamlNode> parents = value is YamlSequenceNode several ? several.Children : [value];
                foreach (YamlNode parent in parents)
                {
                    foreach ((string name, YamlNode inherited) in Merge((YamlMappingNode)parent))
                        merged.TryAdd(name, inherited);
                }
            }
            foreach ((YamlNode key, YamlNode value) in node.Children)
            {
                if (((YamlScalarNode)key).Value is { } name and not "<<")
                    merged[name] = value;
            }
            return merged;
        }

        [GeneratedRegex(@"\$\{[A-Z_]+:-(?<fallback>[^}]*)\}")]
        private static partial Regex Default();
    }
}
