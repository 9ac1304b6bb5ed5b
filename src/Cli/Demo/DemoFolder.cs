using Assay.Schemas;

namespace Assay.Cli.Demo;

/// <summary>The folder a demo keeps everything in; one demo at a time.</summary>
internal sealed class DemoFolder : IDisposable
{
    private const string Marker = "assay-demo";
    private readonly FileStream _lock;

    private DemoFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>In the checkout that the program was built in, else in the user's folder for application data.</summary>
    public static string Default()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Assay.slnx")))
                return System.IO.Path.Combine(folder.FullName, ".data", "demo");
        }
        return System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "assay", "demo");
    }

    /// <summary>Makes the folder where it does not exist, and takes it; empties it if <paramref name="fresh"/>.</summary>
    /// <exception cref="UserException">It holds something else than a demo's data, another demo runs on it, or it cannot be written.</exception>
    public static DemoFolder Open(string path, bool fresh)
    {
        string folder = System.IO.Path.GetFullPath(path);
        string marker = System.IO.Path.Combine(folder, Marker);
        try
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(marker))
                throw new UserException($"{folder} holds other files than a demo's; name an empty folder, or one that does not exist yet, with --data.");
            Directory.CreateDirectory(folder);
            // The system lets go of it when the process ends, however it ends.
            FileStream held = new(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (fresh)
                Empty(folder, marker);
            return new DemoFolder(folder, held);
        }
        catch (IOException) when (File.Exists(marker) && IsHeld(marker))
        {
            throw new UserException($"Another demo is running on {folder}; stop it, or name another folder with --data.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The demo's folder {folder} cannot be used: {failure.Message.TrimEnd('.')}; name another with --data.", failure);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void Empty(string folder, string marker)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else if (entry != marker)
                File.Delete(entry);
        }
    }

    private static bool IsHeld(string marker)
    {
        try
        {
            using FileStream free = new(marker, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
