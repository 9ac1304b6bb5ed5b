using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Assay.Schemas;

namespace Assay.Demo.Chain.Internal;

/// <summary>The folder that keeps a node's chain: the last snapshot, and what the node wrote when it ended.</summary>
internal sealed class ChainFolder : IDisposable
{
    private static readonly TimeSpan LeftoverBound = TimeSpan.FromSeconds(10);
    private readonly FileStream _lock;

    private ChainFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }
    /// <summary>Always whole: it only ever appears by a rename.</summary>
    public string Snapshot => System.IO.Path.Combine(Path, "state.json");
    /// <summary>Written by the node when it ends; cut short if it is killed meanwhile.</summary>
    public string AtExit => System.IO.Path.Combine(Path, "state-at-exit.json");
    public string LogFile => System.IO.Path.Combine(Path, "anvil.log");
    private string PidFile => System.IO.Path.Combine(Path, "anvil.pid");
    private string Unfinished => Snapshot + ".unfinished";

    /// <exception cref="UserException">Another process holds it.</exception>
    public static ChainFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        try
        {
            return new ChainFolder(path, new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException cause)
        {
            throw new UserException($"The chain's folder {path} is in use by another process; stop it, or choose another with --data.", cause);
        }
    }

    public void Dispose() => _lock.Dispose();

    public void WritePid(int id) => File.WriteAllText(PidFile, id.ToString(CultureInfo.InvariantCulture));

    /// <summary>What the node wrote at its end is newer than any snapshot: it becomes the snapshot if it is whole.</summary>
    public void Prepare()
    {
        if (File.Exists(AtExit) && IsWhole(AtExit))
            File.Move(AtExit, Snapshot, overwrite: true);
        File.Delete(AtExit);
        File.Delete(LogFile);
    }

    public async Task ReplaceSnapshotAsync(Stream state, CancellationToken cancellationToken)
    {
        await using (FileStream file = new(Unfinished, FileMode.Create, FileAccess.Write))
        {
            await state.CopyToAsync(file, cancellationToken);
            file.Flush(flushToDisk: true);
        }
        File.Move(Unfinished, Snapshot, overwrite: true);
    }

    /// <summary>A node whose owner was killed is writing its chain and about to end: waits for it, and kills it after a bound.</summary>
    public async Task EndLeftoverAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (!File.Exists(PidFile) || !int.TryParse(await File.ReadAllTextAsync(PidFile, cancellationToken), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || !IsOurs(id))
            return;
        try
        {
            using Process leftover = Process.GetProcessById(id);
            using CancellationTokenSource bound = new(LeftoverBound, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
            try
            {
                await leftover.WaitForExitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                leftover.Kill();
                await leftover.WaitForExitAsync(cancellationToken);
            }
        }
        catch (ArgumentException)
        {
            // It ended by itself before we looked.
        }
    }

    public string LastLogLines() =>
        File.Exists(LogFile) ? string.Join(' ', File.ReadLines(LogFile).Where(line => line.Length > 0).TakeLast(3)) : "it printed nothing";

    // A process id alone may long belong to somebody else; our node was told this folder.
    private bool IsOurs(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0').Contains(AtExit);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsWhole(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(file);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
