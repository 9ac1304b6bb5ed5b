using System.Diagnostics;
using System.Globalization;

namespace Assay.Tests.Support;

/// <summary>POSIX signals to processes.</summary>
public static class Signals
{
    /// <summary>Sends a signal, e.g. <c>STOP</c>; a process that is gone gets none.</summary>
    public static void Send(int process, string name)
    {
        // The shell's own: not every machine has the program.
        using Process signal = Process.Start("/bin/sh", ["-c", $"kill -{name} {process.ToString(CultureInfo.InvariantCulture)} 2>/dev/null"]);
        signal.WaitForExit();
    }
}
