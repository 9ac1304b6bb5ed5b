namespace Assay.Tests.Support;

/// <summary>What is done to the processes.</summary>
public sealed record FaultPlan
{
    /// <summary>The same seed makes the same choices.</summary>
    public required int Seed { get; init; }

    /// <summary>How many faults: kills, freezes, stops and incidents. Starts and thaws are not counted.</summary>
    public required int Faults { get; init; }

    /// <summary>After which the others take a silent process for dead; most freezes are longer.</summary>
    public required TimeSpan SessionTimeout { get; init; }

    /// <summary>Most faults wait until progress has grown by up to so much. Default 500.</summary>
    public int MostWork { get; init; } = 500;

    /// <summary>Where the processes log.</summary>
    public required string Logs { get; init; }

    /// <summary>A stop that takes longer has failed. Default 15 s: a process has ten, and a busy machine some more.</summary>
    public TimeSpan StopBound { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>No progress for so long is a failure. Default 90 s.</summary>
    public TimeSpan ProgressBound { get; init; } = TimeSpan.FromSeconds(90);
}

/// <summary>A fault that is none of a process that is driven: a connection that breaks, a chain that reorganises, a server with a life of its own.</summary>
/// <param name="Name">As reports call it.</param>
/// <param name="StrikeAsync">Does it and mends it; takes the driver's randomness and tells what it did.</param>
public sealed record Incident(string Name, Func<Random, Task<string>> StrikeAsync);

/// <summary>Kills, freezes, stops and starts processes at random, and sees to it that work goes on between the faults.</summary>
/// <remarks>
/// One target that is not <see cref="FaultTarget.Needed"/> runs after every fault. Most faults wait for progress, so that they hit
/// work; every fourth strikes soon after the last one, so that it hits a rebalance or a restore. A process that ends without having been
/// asked to, or with another exit code than 0 when asked, is a failure.
/// </remarks>
/// <param name="progress">A number that grows as work is committed.</param>
/// <param name="report">Takes a line per fault.</param>
/// <param name="incidents">What else goes wrong, each as likely as a kill of one process; null: nothing.</param>
public sealed class FaultDriver(
    FaultPlan plan, IReadOnlyList<FaultTarget> targets, Func<long> progress, Action<string> report, IReadOnlyList<Incident>? incidents = null)
{
    private const int EndedBySigterm = 128 + 15;
    private readonly Random _random = new(plan.Seed);
    private readonly List<Freeze> _frozen = [];
    private int _faults;

    private enum Fault
    {
        Start,
        Kill,
        Freeze,
        Stop,
    }

    /// <summary>Lives through all faults; at the end nothing is frozen and something runs.</summary>
    public async Task RunAsync()
    {
        await Repair();
        await Progress();
        while (_faults < plan.Faults)
        {
            foreach (Freeze freeze in _frozen.ToArray())
            {
                if (--freeze.Steps <= 0)
                    await Thaw(freeze);
            }
            await Choose()();
            await Repair();
            CheckExits();
            if (_random.Next(4) > 0)
                await Progress();
            else
                await Task.Delay(_random.Next(600), TestContext.Current.CancellationToken);
        }
        foreach (Freeze freeze in _frozen.ToArray())
            await Thaw(freeze);
        CheckExits();
    }

    /// <summary>Stops in order what runs.</summary>
    public async Task StopAsync(IEnumerable<FaultTarget> running)
    {
        CheckExits();
        foreach (FaultTarget target in running.Where(target => target.State == FaultTargetState.Up))
            await Stop(target);
    }

    /// <summary>Fails where a process has ended unasked.</summary>
    public void CheckExits()
    {
        foreach (FaultTarget target in targets.Where(target => target.State != FaultTargetState.Down && target.Process.HasExited))
            Assert.Fail($"{target.Name} ended by itself with exit code {target.Process.ExitCode}: {target.Process.LogFile} ends{Environment.NewLine}{target.Process.Tail(30)}");
    }

    private Func<Task> Choose()
    {
        List<Func<Task>> legal = [];
        foreach (FaultTarget target in targets)
        {
            // As often in the list as it is likely.
            Fault[] faults = (target.State, target.KilledOnly) switch
            {
                (_, true) => [Fault.Kill],
                (FaultTargetState.Down, _) => [Fault.Start, Fault.Start, Fault.Start],
                (FaultTargetState.Up, _) => [Fault.Kill, Fault.Kill, Fault.Freeze, Fault.Freeze, Fault.Stop],
                _ => [Fault.Kill],
            };
            legal.AddRange(faults.Select(fault => (Func<Task>)(() => Strike(fault, target))));
        }
        foreach (Incident incident in incidents ?? [])
            legal.AddRange(Enumerable.Repeat<Func<Task>>(() => Strike(incident), 2));
        return legal[_random.Next(legal.Count)];
    }

    private async Task Strike(Fault fault, FaultTarget target)
    {
        switch (fault)
        {
            case Fault.Start:
                Start(target);
                return;
            case Fault.Kill:
                Count($"kill {target.Name}");
                _frozen.RemoveAll(freeze => freeze.Target == target);
                target.Kill();
                break;
            case Fault.Freeze:
                // Every fourth wakes before anybody noticed.
                TimeSpan length = (target.SessionTimeout ?? plan.SessionTimeout) * (_random.Next(4) == 0 ? _random.NextDouble() * 0.8 : 1.2 + _random.NextDouble());
                Count($"freeze {target.Name} for {length.TotalSeconds:0.0} s or longer");
                target.Freeze();
                _frozen.Add(new Freeze(target, length, TimeProvider.System.GetTimestamp()) { Steps = _random.Next(1, 3) });
                break;
            default:
                Count($"stop {target.Name}");
                await Stop(target);
                break;
        }
    }

    private async Task Strike(Incident incident)
    {
        Count(incident.Name);
        string done = await incident.StrikeAsync(_random);
        Report($"{incident.Name}: {done}");
    }

    /// <summary>What is needed runs, and one of the others.</summary>
    private async Task Repair()
    {
        foreach (Freeze freeze in _frozen.Where(freeze => freeze.Target.Needed).ToArray())
            await Thaw(freeze);
        foreach (FaultTarget target in targets.Where(target => target.Needed && target.State == FaultTargetState.Down))
            Start(target);
        FaultTarget[] others = [.. targets.Where(target => !target.Needed)];
        if (others.Length == 0 || Array.Exists(others, target => target.State == FaultTargetState.Up))
            return;
        FaultTarget[] down = [.. others.Where(target => target.State == FaultTargetState.Down)];
        if (down.Length > 0)
            Start(down[_random.Next(down.Length)]);
        else
            await Thaw(_frozen[0]);
    }

    private void Start(FaultTarget target)
    {
        target.Start(plan.Logs);
        Report($"start {target.Name} (process {target.Process.Id})");
    }

    private async Task Stop(FaultTarget target)
    {
        string log = target.Process.LogFile;
        try
        {
            int code = await target.StopAsync(plan.StopBound);
            // The signal ends a program that has not got as far as to listen for it.
            bool begun = new FileInfo(log).Length > 0;
            Assert.True(code == 0 || (code == EndedBySigterm && !begun), $"{target.Name} ended with exit code {code} when it was stopped: see {log}.");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{target.Name} did not stop within {plan.StopBound.TotalSeconds:0} s: {log} ends{Environment.NewLine}{target.Process.Tail(30)}");
        }
    }

    private async Task Thaw(Freeze freeze)
    {
        TimeSpan left = freeze.Length - TimeProvider.System.GetElapsedTime(freeze.Since);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, TestContext.Current.CancellationToken);
        freeze.Target.Thaw();
        _frozen.Remove(freeze);
        Report($"thaw {freeze.Target.Name} after {TimeProvider.System.GetElapsedTime(freeze.Since).TotalSeconds:0.0} s");
    }

    private async Task Progress()
    {
        long enough = progress() + _random.Next(1, plan.MostWork);
        await Eventually.True(
            () =>
            {
                CheckExits();
                return progress() >= enough;
            },
            $"committed work grew to {enough}", plan.ProgressBound);
    }

    private void Count(string what)
    {
        _faults++;
        Report($"fault {_faults} of {plan.Faults}: {what}");
    }

    private void Report(string what) => report(string.Join("; ", [
        $"{TimeProvider.System.GetLocalNow():HH:mm:ss.fff} {what}", .. targets.Where(target => !target.Needed).Select(target => $"{target.Name} {target.State}"), $"{progress()} committed"]));

    private sealed record Freeze(FaultTarget Target, TimeSpan Length, long Since)
    {
        /// <summary>After how many more choices it ends.</summary>
        public int Steps { get; set; }
    }
}
