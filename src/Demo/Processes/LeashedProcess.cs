using System.Diagnostics;

namespace Assay.Demo.Processes;

/// <summary>A child process that ends with us, however we end.</summary>
/// <remarks>
/// <para>A watcher, a shell that is nobody's child, waits on a pipe whose other end only we hold. When it closes, because we stop the child or because
/// we were killed with no time to clean up, the watcher sends the child its stop signal. (Linux's parent-death signal would not do: it fires when the
/// <em>thread</em> that started the child ends, and pool threads end.)</para>
/// <para>The child runs in a session of its own, so that Ctrl-C in the terminal reaches us first and the parts stop in order.</para>
/// </remarks>
public sealed class LeashedProcess : IAsyncDisposable
{
    // "$$" stays the main shell's id inside the subshells, and exec hands that id on to the program.
    private const string Script =
        """
        log=$1 signal=$2; shift 2
        exec 3<&0 </dev/null >>"$log" 2>&1
        ( ( trap '' INT TERM HUP; read -r _ <&3; kill -s "$signal" $$ ) >/dev/null 2>&1 & )
        exec 3<&-
        if command -v setsid >/dev/null; then exec setsid "$@"; else exec "$@"; fi
        """;

    private readonly Process process;
    private readonly TimeSpan stopBound;

    private LeashedProcess(Process process, TimeSpan stopBound)
    {
        this.process = process;
        this.stopBound = stopBound;
        Exited = process.WaitForExitAsync();
    }

    /// <summary>The child's process id.</summary>
    public int Id => process.Id;

    /// <summary>Completes when the child has ended, whoever ended it.</summary>
    public Task Exited { get; }

    /// <summary>The child's exit code, once it has ended.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>Starts <paramref name="command"/> (program and arguments).</summary>
    /// <param name="logFile">What the child prints is appended here.</param>
    /// <param name="stopSignal">The signal's name that asks the child to end, e.g. <c>INT</c>.</param>
    /// <param name="stopBound">How long it may take to end before it is killed.</param>
    public static LeashedProcess Start(IEnumerable<string> command, string logFile, string stopSignal, TimeSpan stopBound)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", Script, "sh", logFile, stopSignal, .. command]) { RedirectStandardInput = true };
        return new LeashedProcess(Process.Start(start)!, stopBound);
    }

    /// <summary>Asks the child to end and waits for it; kills it after the bound.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            await Exited.WaitAsync(stopBound);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await Exited;
        }
        process.Dispose();
    }
}
