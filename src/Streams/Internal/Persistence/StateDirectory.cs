using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Persistence;

/// <summary>An instance's state folder: its lock against other instances, its marker, and which task's folder is in use.</summary>
/// <remarks>
/// Laid out as Kafka Streams does: <c>{state folder}/{application id}/{task}/…</c>. The lock is the operating system's, on an open file, so that it ends with the process however
/// that ends (rule 25). Within the process a task's folder belongs to one task object at a time; the next one waits until that is closed. What no task here
/// has used for a while has moved away, and is deleted.
/// </remarks>
internal sealed partial class StateDirectory : IDisposable
{
    private readonly StreamsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly string _root;
    private readonly Lock _lock = new();
    private readonly HashSet<TaskId> _claimed = [];
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unused = new(StringComparer.Ordinal);
    private FileStream? _lockFile;
    private ITimer? _cleaning;

    private StateDirectory(StreamsOptions options, TimeProvider clock, ILogger log)
    {
        _options = options;
        _clock = clock;
        _log = log;
        _root = Path.Combine(Path.GetFullPath(options.StateDir), options.ApplicationId);
    }

    /// <summary>Null where all stores are kept in memory.</summary>
    public static StateDirectory? For(StreamsOptions options, TimeProvider clock, ILogger log) => options.StoreEngine is null ? null : new StateDirectory(options, clock, log);

    private string OwnerFile => Path.Combine(_root, ".owner");

    /// <summary>Takes the folder for this instance.</summary>
    /// <param name="stores">Those of the topology.</param>
    /// <exception cref="StreamsException">Another instance has it, it can't be written, or what is in it does not fit.</exception>
    public void Open(IEnumerable<StoreBuilder> stores)
    {
        try
        {
            Directory.CreateDirectory(_root);
            TakeLock();
            StateMarker.Check(_root, _options.ApplicationId, stores);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new StreamsException(
                $"The state folder {_root} cannot be used: {exception.Message} Let it be written, or set {nameof(StreamsOptions)}.{nameof(StreamsOptions.StateDir)} to another folder.", exception);
        }
        catch (StreamsException)
        {
            Dispose();
            throw;
        }
        _cleaning = _clock.CreateTimer(_ => CleanUp(), null, _options.StateCleanupDelay, _options.StateCleanupDelay);
    }

    public string FolderOf(TaskId task) => Path.Combine(_root, task.ToString());

    /// <summary>Where a store of a task is kept.</summary>
    public StoreFolder FolderOf(TaskId task, string store) => new(this, _options.StoreEngine!, task, store, _clock, _log);

    /// <summary>Takes a task's folder; false while another task object has it.</summary>
    public bool TryClaim(TaskId task)
    {
        lock (_lock)
            return _claimed.Add(task);
    }

    public void Release(TaskId task)
    {
        lock (_lock)
        {
            _claimed.Remove(task);
            _unused[FolderOf(task)] = _clock.GetTimestamp();
        }
    }

    public bool IsDamaged(string folder)
    {
        lock (_lock)
            return _damaged.Contains(folder);
    }

    public void Damaged(string folder)
    {
        lock (_lock)
            _damaged.Add(folder);
    }

    public void Mended(string folder)
    {
        lock (_lock)
            _damaged.Remove(folder);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _cleaning?.Dispose();
            _cleaning = null;
            _lockFile?.Dispose();
            _lockFile = null;
        }
    }

    [GeneratedRegex(@"^\d+_\d+$")]
    private static partial Regex TaskFolder();

    private void TakeLock()
    {
        string path = Path.Combine(_root, ".lock");
        try
        {
            _lockFile = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            string owner = File.Exists(OwnerFile) ? File.ReadAllText(OwnerFile) : "another instance";
            throw new StreamsException(
                $"The state folder {_root} is in use by {owner}: end that one, or give this instance a folder of its own with {nameof(StreamsOptions)}.{nameof(StreamsOptions.StateDir)}.", exception);
        }
        File.WriteAllText(OwnerFile, $"process {Environment.ProcessId} on {Environment.MachineName} since {_clock.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z");
    }

    /// <summary>Deletes the folders of tasks that nobody here has had since the last look or longer.</summary>
    private void CleanUp()
    {
        lock (_lock)
        {
            if (_lockFile is null)
                return;
            foreach (string folder in Directory.EnumerateDirectories(_root).Where(folder => TaskFolder().IsMatch(Path.GetFileName(folder))))
            {
                if (_claimed.Any(task => FolderOf(task) == folder))
                    continue;
                if (_unused.TryAdd(folder, _clock.GetTimestamp()) || _clock.GetElapsedTime(_unused[folder]) < _options.StateCleanupDelay)
                    continue;
                Delete(folder);
            }
        }
    }

    private void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            _unused.Remove(folder);
            _log.StateDeleted(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.StateNotDeleted(folder, exception.Message);
        }
    }
}
