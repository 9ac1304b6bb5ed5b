using System.Xml.Linq;

namespace Assay.Cli.Tests.House;

/// <summary>The checkout's own files: what a clone has, without what builds and tools leave.</summary>
internal static class SourceTree
{
    private static readonly string[] NotOurs = [".git", ".tools", ".data", "bin", "obj", "node_modules", "TestResults"];

    /// <summary>Paths from the root, with slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Below(new DirectoryInfo(Repository.Root)).Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Repository.File(path));

    /// <summary>The product's project files by name (<c>Ingest</c>, <c>Schemas</c>): no tests, no benchmarks.</summary>
    public static IReadOnlyDictionary<string, string> Projects { get; } =
        Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && (IsBelow(file, "src") || IsBelow(file, "schemas"))).ToDictionary(NameOf);

    /// <summary>What a project asks for: the names of projects, or of packages.</summary>
    public static IEnumerable<string> References(string project, string element) =>
        XDocument.Load(Repository.File(project)).Descendants(element).Select(reference => (string?)reference.Attribute("Include")).OfType<string>();

    public static bool IsBelow(string file, string folder) => file.StartsWith($"{folder}/", StringComparison.Ordinal);

    public static string NameOf(string project) => Path.GetFileNameWithoutExtension(project)["Assay.".Length..];

    private static IEnumerable<string> Below(DirectoryInfo folder)
    {
        // In a worktree of git, .git is a file.
        foreach (FileInfo file in folder.EnumerateFiles().Where(file => !NotOurs.Contains(file.Name)))
            yield return Path.GetRelativePath(Repository.Root, file.FullName);
        foreach (DirectoryInfo inner in folder.EnumerateDirectories().Where(inner => !NotOurs.Contains(inner.Name)))
        {
            foreach (string file in Below(inner))
                yield return file;
        }
    }
}
