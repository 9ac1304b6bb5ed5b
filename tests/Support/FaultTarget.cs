namespace Assay.Tests.Support;

public enum FaultTargetState
{
    Down,
    Up,
    Frozen,
}

/// <summary>A place where a process may run: the next one can be started when the last one has ended.</summary>
/// <param name="name">As reports and log files call it.</param>
/// <param name="start">Starts a process that logs to the given file.</param>
public sealed class FaultTarget(string name, Func<string, ChildProcess> start) : IDisposable
{
    private ChildProcess? _process;
    private int _starts;

    public string Name => name;

    /// <summary>Whether nothing works without it: then it is killed at most, and started again at once. Default false.</summary>
    public bool Needed { get; init; }

    public FaultTargetState State { get; private set; }

    /// <summary>What runs; throws while nothing does.</summary>
    public ChildProcess Process => _process ?? throw new InvalidOperationException($"{name} is not running.");

    /// <summary>Starts the next process, which logs to <c>NAME-NUMBER.log</c> in <paramref name="logs"/>.</summary>
    public void Start(string logs)
    {
        _process = start(Path.Combine(logs, $"{name}-{++_starts}.log"));
        State = FaultTargetState.Up;
    }

    public void Kill()
    {
        _process?.Dispose();
        _process = null;
        State = FaultTargetState.Down;
    }

    public void Freeze()
    {
        Process.Freeze();
        State = FaultTargetState.Frozen;
    }

    public void Thaw()
    {
        Process.Thaw();
        State = FaultTargetState.Up;
    }

    /// <summary>Asks it to end; gives its exit code.</summary>
    public async Task<int> StopAsync(TimeSpan within)
    {
        int code = await Process.StopAsync(within);
        Kill();
        return code;
    }

    public void Dispose() => Kill();
}
