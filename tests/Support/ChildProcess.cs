using System.Diagnostics;

namespace Assay.Tests.Support;

/// <summary>A program in a process of its own, to be killed, frozen, thawed or asked to end. What it prints goes to a file. It is expected to end when its
/// standard input does, so that nothing outlives the test.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan KillBound = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly StreamWriter _log;

    private ChildProcess(Process process, string logFile)
    {
        _process = process;
        LogFile = logFile;
        _log = new StreamWriter(logFile) { AutoFlush = true };
        process.OutputDataReceived += Write;
        process.ErrorDataReceived += Write;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Of a process that has exited; 128 and the signal's number after a signal.</summary>
    public int ExitCode => _process.ExitCode;

    public string LogFile { get; }

    /// <summary>Starts a program.</summary>
    public static ChildProcess Start(string logFile, string program, params IEnumerable<string> arguments) => new(
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!, logFile);

    /// <summary>Starts a program that does not look at its standard input: a watcher kills it when that ends, as it does with us.</summary>
    public static ChildProcess StartLeashed(string logFile, params IEnumerable<string> command) => Start(
        // "$$" stays the shell's id in the watcher, and exec hands that id on to the program.
        logFile, "/bin/sh", ["-c", "exec 3<&0 </dev/null; ( ( read -r _ <&3; kill -KILL $$ ) >/dev/null 2>&1 & ); exec 3<&-; exec \"$@\"", "sh", .. command]);

    /// <summary>Starts the running test program once more, with arguments that put it into another mode.</summary>
    public static ChildProcess StartSelf(string logFile, params IEnumerable<string> arguments)
    {
        string[] command = Environment.GetCommandLineArgs();
        // Under `dotnet X.dll` the process is dotnet itself, and the first argument the assembly.
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Start(logFile, Environment.ProcessPath!, [Path.GetFullPath(command[0]), .. arguments])
            : Start(logFile, Environment.ProcessPath!, arguments);
    }

    /// <summary>SIGKILL: nothing gets to run in it, frozen or not.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        if (!_process.WaitForExit(KillBound))
            throw new TimeoutException($"Process {Id} outlived SIGKILL by {KillBound.TotalSeconds:0} s.");
    }

    /// <summary>SIGSTOP: it stands still, its connections stay open.</summary>
    public void Freeze() => Signals.Send(Id, "STOP");

    /// <summary>SIGCONT after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signals.Send(Id, "CONT");

    /// <summary>SIGTERM; gives the exit code.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> StopAsync(TimeSpan within)
    {
        Signals.Send(Id, "TERM");
        await _process.WaitForExitAsync().WaitAsync(within);
        return ExitCode;
    }

    /// <summary>The last lines that it printed.</summary>
    public string Tail(int lines)
    {
        using StreamReader reader = new(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return string.Join(Environment.NewLine, reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(lines));
    }

    public void Dispose()
    {
        Kill();
        // Its output has been read to the end then.
        _process.WaitForExit();
        _process.Dispose();
        _log.Dispose();
    }

    private void Write(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_log)
            _log.WriteLine(line.Data);
    }
}
