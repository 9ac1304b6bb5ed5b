using System.Diagnostics;
using System.Globalization;

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
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>SIGTERM; gives the exit code.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> StopAsync(TimeSpan within)
    {
        Signal("TERM");
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

    private void Signal(string name)
    {
        // The shell's own: not every machine has the program.
        using Process signal = Process.Start("/bin/sh", ["-c", $"kill -{name} {Id.ToString(CultureInfo.InvariantCulture)}"]);
        signal.WaitForExit();
    }

    private void Write(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_log)
            _log.WriteLine(line.Data);
    }
}
