namespace Assay.Cli.Tests.House;

/// <summary>Imports run one way: Cli → Ingest, Topology, Sink, Demo → Streams, Ethereum, Schemas → Avro.</summary>
public sealed class ImportTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Avro"] = [],
        ["Avro.Generator"] = [],
        ["Streams"] = [],
        ["Streams.RocksDb"] = ["Streams"],
        ["Ethereum"] = [],
        ["Broker"] = ["Avro"],
        ["Schemas"] = ["Avro", "Avro.Generator"],
        ["Ingest"] = ["Avro", "Ethereum", "Schemas", "Streams"],
        ["Topology"] = ["Avro", "Avro.Generator", "Schemas", "Streams"],
        ["Sink"] = ["Avro", "Schemas", "Streams"],
        ["Demo"] = ["Avro", "Ethereum", "Schemas", "Streams"],
        ["Cli"] = ["Avro", "Broker", "Demo", "Ethereum", "Ingest", "Schemas", "Sink", "Streams", "Topology"],
    };

    /// <summary>Who may know Kafka, who PostgreSQL and who RocksDB.</summary>
    private static readonly Dictionary<string, string[]> Owners = new()
    {
        ["Confluent.Kafka"] = ["Schemas", "Streams"],
        ["RocksDB"] = ["Streams.RocksDb"],
        ["Npgsql"] = ["Sink", "Demo"],
    };

    public static TheoryData<string> Projects => [.. SourceTree.Projects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_imports_only_what_stands_below_it(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out string[]? allowed), $"{project} is new: say here what it may import.");
        IEnumerable<string> imported = SourceTree.References(SourceTree.Projects[project], "ProjectReference").Select(SourceTree.NameOf);
        Assert.Empty(imported.Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_package_that_ties_to_a_server_stays_with_its_owners(string project)
    {
        IEnumerable<string> packages = SourceTree.References(SourceTree.Projects[project], "PackageReference");
        Assert.All(packages, package => Assert.True(!Owners.TryGetValue(package, out string[]? owners) || owners.Contains(project), package));
    }
}
