using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Demo.Database.Internal;

/// <summary>A PostgreSQL installation: the folder with <c>initdb</c> and <c>postgres</c>, and its major version.</summary>
internal sealed record PostgresBinaries(string Folder, int Major)
{
    public string Server => Path.Combine(Folder, "postgres");

    public string Initializer => Path.Combine(Folder, "initdb");

    /// <summary>Whether this installation can load TimescaleDB.</summary>
    public bool HasTimescale =>
        File.Exists(Path.Combine(Folder, "../lib/timescaledb.so")) || File.Exists(Path.Combine(Folder, "../lib/postgresql/timescaledb.so"));

    /// <summary>The machine's newest installation, else npm's; for an existing cluster the first of its major version, as no other reads it.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static async Task<PostgresBinaries> FindAsync(int? major, string? nodeModules, CancellationToken cancellationToken)
    {
        List<int> others = [];
        foreach (string folder in Candidates(nodeModules).Distinct())
        {
            if (!File.Exists(Path.Combine(folder, "initdb")) || await VersionAsync(Path.Combine(folder, "postgres"), cancellationToken) is not { } version)
                continue;
            if (major is null || version == major)
                return new PostgresBinaries(folder, version);
            others.Add(version);
        }
        if (others.Count > 0)
        {
            throw new UserException(
                $"The database folder was made by PostgreSQL {major} and this machine has only {string.Join(", ", others)}; " +
                "install that version, or start with --fresh.");
        }
        throw new UserException("There is no PostgreSQL on this machine; install it (Debian and Ubuntu: apt-get install postgresql), or run ./assay where npm is present.");
    }

    private static IEnumerable<string> Candidates(string? nodeModules)
    {
        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            foreach (string version in Directory.GetDirectories(debian).OrderByDescending(folder => Number(Path.GetFileName(folder))))
                yield return Path.Combine(version, "bin");
        }
        // Elsewhere the programs are on the PATH, where symbolic links may lead to them.
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            FileInfo server = new(Path.Combine(folder, "postgres"));
            if (server.Exists)
                yield return Path.GetDirectoryName((server.ResolveLinkTarget(returnFinalTarget: true) ?? server).FullName)!;
        }
        if (nodeModules is not null && OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64)
        {
            string package = Path.Combine(nodeModules, "@embedded-postgres", "linux-x64");
            if (Directory.Exists(package))
            {
                LinkLibraries(package);
                yield return Path.Combine(package, "native", "bin");
            }
        }
    }

    /// <summary>Makes the links of the package's libraries, which its install script would make: a package cannot carry links, and its scripts are not run.</summary>
    private static void LinkLibraries(string package)
    {
        using JsonDocument links = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package, "native", "pg-symlinks.json")));
        foreach (JsonElement link in links.RootElement.EnumerateArray())
        {
            string source = link.GetProperty("source").GetString()!;
            string target = Path.Combine(package, link.GetProperty("target").GetString()!);
            try
            {
                if (!File.Exists(target))
                    File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, Path.Combine(package, source)));
            }
            catch (IOException) when (File.Exists(target))
            {
                // Another process made it in the meantime.
            }
        }
    }

    private static async Task<int?> VersionAsync(string server, CancellationToken cancellationToken)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(server, ["--version"]) { RedirectStandardOutput = true })!;
            string text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
            return text.Split(' ') is [_, _, string version, ..] ? Number(version.Trim().Split('.', 'b', 'd', 'r')[0]) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
