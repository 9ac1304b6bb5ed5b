using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Assay.Cli.Tests.House;

public sealed partial class LayoutTests
{
    private const int LongestFile = 400;

    private static readonly string[] SourceEndings = [".cs", ".sh", ".mjs", ".js", ".sql", ".sol", ".csproj", ".props", ".targets", ".java", ".py"];

    [Fact]
    public void Every_project_stands_in_the_folder_of_its_name_and_in_the_solution()
    {
        string[] projects = [.. SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];
        foreach (string project in projects)
        {
            string folder = Path.GetDirectoryName(project)!;
            string expected = folder switch
            {
                "schemas" => "Assay.Schemas",
                "tests/Support" => "Assay.Tests.Support",
                _ when folder.StartsWith("tests/", StringComparison.Ordinal) => $"Assay.{Path.GetFileName(folder)}.Tests",
                _ when folder.StartsWith("bench/", StringComparison.Ordinal) => $"Assay.{Path.GetFileName(folder)}.Bench",
                _ => $"Assay.{Path.GetFileName(folder)}",
            };
            Assert.Equal($"{folder}/{expected}.csproj", project);
        }
        IEnumerable<string?> listed = XDocument.Load(Repository.File("Assay.slnx")).Descendants("Project").Select(project => (string?)project.Attribute("Path"));
        Assert.Equal(projects, listed.Order(StringComparer.Ordinal));
    }

    /// <summary>Types for a project's users may stand in its root namespace, whatever folder keeps them in order.</summary>
    [Fact]
    public void Namespaces_follow_folders()
    {
        List<string> strays = [];
        foreach (string file in SourceTree.Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && (SourceTree.IsBelow(file, "src") || SourceTree.IsBelow(file, "schemas"))))
        {
            string folder = Path.GetDirectoryName(file)!;
            string project = string.Join('/', folder.Split('/').Take(folder.StartsWith("src/", StringComparison.Ordinal) ? 2 : 1));
            string declared = NamespaceLine().Match(SourceTree.Read(file)).Groups["name"].Value;
            bool ours = declared.StartsWith("Assay", StringComparison.Ordinal);
            if (ours && declared != NamespaceOf(folder) && declared != NamespaceOf(project))
                strays.Add($"{file} declares {declared}, not {NamespaceOf(folder)}");
        }
        Assert.Empty(strays);
    }

    [Fact]
    public void No_source_file_is_longer_than_a_person_reads_at_once()
    {
        IEnumerable<string> sources = SourceTree.Files.Where(file => file is "assay" or ".ci/run" || SourceEndings.Contains(Path.GetExtension(file)));
        Assert.Empty(sources
            .Select(file => (File: file, Lines: File.ReadLines(Repository.File(file)).Count()))
            .Where(source => source.Lines > LongestFile)
            .Select(source => $"{source.File} has {source.Lines} lines: split it by concern"));
    }

    [Fact]
    public void No_file_names_a_package_registry_or_a_path_of_the_machine_it_was_written_on()
    {
        // In two parts each, so that this file does not name them either.
        string[] names = ["registry.npm" + "js", "api.nuget" + ".org", "deb.debian" + ".org", "pypi" + ".org", "/work" + "/wt", "/work" + "/main", "/work" + "/shared"];
        Assert.Empty(SourceTree.Files
            .Where(file => Path.GetExtension(file) is not (".png" or ".gif" or ".svg"))
            .SelectMany(file => names.Where(SourceTree.Read(file).Contains).Select(name => $"{file} names {name}")));
    }

    [Fact]
    public void Node_locks_pin_by_integrity_and_name_no_place()
    {
        string[] locks = [.. SourceTree.Files.Where(file => file.EndsWith("package-lock.json", StringComparison.Ordinal))];
        Assert.NotEmpty(locks);
        foreach (string file in locks)
        {
            string text = SourceTree.Read(file);
            Assert.DoesNotContain("\"resolved\"", text, StringComparison.Ordinal);
            Assert.Equal(NodePackage().Count(text), IntegrityLine().Count(text));
        }
    }

    private static string NamespaceOf(string folder)
    {
        string[] parts = folder.Split('/');
        return "Assay." + string.Join('.', parts is ["schemas", ..] ? ["Schemas", .. parts[1..]] : parts[1..]);
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("^    \"node_modules/", RegexOptions.Multiline)]
    private static partial Regex NodePackage();

    [GeneratedRegex("^      \"integrity\": \"sha512-", RegexOptions.Multiline)]
    private static partial Regex IntegrityLine();
}
