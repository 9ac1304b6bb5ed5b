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
    private readonly List<Interruption> _interruptions = [];
    private ChildProcess? _process;
    private DateTimeOffset _began;
    private int _starts;

    public string Name => name;

    /// <summary>Whether nothing works without it: then it runs again before work is waited for. Default false.</summary>
    public bool Needed { get; init; }

    /// <summary>Whether it is neither frozen nor stopped. Default false.</summary>
    public bool KilledOnly { get; init; }

    /// <summary>After which the others take it for dead when it is silent; null: the plan's.</summary>
    public TimeSpan? SessionTimeout { get; init; }

    /// <summary>When it could not be relied upon, up to now.</summary>
    public IReadOnlyList<Interruption> Interruptions => _interruptions;

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
        if (State != FaultTargetState.Frozen)
            _began = TimeProvider.System.GetUtcNow();
        End(InterruptionKind.Killed);
    }

    public void Freeze()
    {
        _began = TimeProvider.System.GetUtcNow();
        Process.Freeze();
        State = FaultTargetState.Frozen;
    }

    public void Thaw()
    {
        Process.Thaw();
        State = FaultTargetState.Up;
        _interruptions.Add(new Interruption(_began, TimeProvider.System.GetUtcNow(), InterruptionKind.Frozen));
    }

    /// <summary>Asks it to end; gives its exit code.</summary>
    public async Task<int> StopAsync(TimeSpan within)
    {
        _began = TimeProvider.System.GetUtcNow();
        int code = await Process.StopAsync(within);
        End(InterruptionKind.Stopped);
        return code;
    }

    public void Dispose() => End(InterruptionKind.Killed);

    private void End(InterruptionKind kind)
    {
        if (_process is null)
            return;
        _process.Dispose();
        _process = null;
        State = FaultTargetState.Down;
        _interruptions.Add(new Interruption(_began, TimeProvider.System.GetUtcNow(), kind));
    }
}

/// <summary>How a process was kept from its work.</summary>
public enum InterruptionKind
{
    /// <summary>It stood still and went on.</summary>
    Frozen,

    /// <summary>It was asked to end.</summary>
    Stopped,

    /// <summary>It ended, and what was in its memory with it.</summary>
    Killed,
}

/// <summary>A time in which a process did not do its work, until it went on or had ended.</summary>
public sealed record Interruption(DateTimeOffset From, DateTimeOffset To, InterruptionKind Kind);
