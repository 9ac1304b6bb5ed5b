using Assay.Schemas;

namespace Assay.Cli.Demo;

/// <summary>The folder a demo keeps everything in.</summary>
internal static class DemoFolder
{
    private const string Marker = "assay-demo";

    /// <summary>In the checkout that the program was built in, else in the user's folder for application data.</summary>
    public static string Default()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Assay.slnx")))
                return Path.Combine(folder.FullName, ".data", "demo");
        }
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "assay", "demo");
    }

    /// <summary>Makes the folder, emptied if <paramref name="fresh"/>, and returns its full path.</summary>
    /// <exception cref="UserException">It holds something else than a demo's data, or cannot be written.</exception>
    public static string Open(string path, bool fresh)
    {
        string folder = Path.GetFullPath(path);
        string marker = Path.Combine(folder, Marker);
        try
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(marker))
                throw new UserException($"{folder} holds other files than a demo's; name an empty folder, or one that does not exist yet, with --data.");
            if (fresh && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            File.WriteAllText(marker, "What `assay demo` keeps between its runs; `assay demo --fresh` begins anew." + Environment.NewLine);
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The demo's folder {folder} cannot be used: {failure.Message.TrimEnd('.')}; name another with --data.", failure);
        }
    }
}
