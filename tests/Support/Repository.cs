namespace Assay.Tests.Support;

/// <summary>Where the repository's files are, seen from a test.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Assay.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Assay.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No Assay.slnx above {AppContext.BaseDirectory}; run the tests from a checkout.");
    }
}
