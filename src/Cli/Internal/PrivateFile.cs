namespace Assay.Cli.Internal;

/// <summary>Files that hold secrets.</summary>
internal static class PrivateFile
{
    /// <summary>Replaces the file in one step, readable by its owner alone.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string unfinished = path + ".new";
        // A file that is there keeps its mode, however it came by it.
        File.Delete(unfinished);
        using (FileStream stream = new(unfinished, options))
            write(stream);
        File.Move(unfinished, path, overwrite: true);
    }
}
