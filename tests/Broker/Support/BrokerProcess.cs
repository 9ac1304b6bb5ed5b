using System.Diagnostics;

namespace Assay.Broker.Tests.Support;

/// <summary>A broker in a process of its own (this test program in its other mode), to be killed without warning.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, string bootstrap)
    {
        _process = process;
        Bootstrap = bootstrap;
    }

    public string Bootstrap { get; }

    public int Id => _process.Id;

    public static async Task<BrokerProcess> StartAsync(string folder, int port, CancellationToken ct, int? registryPort = null)
    {
        // The shell takes the fright out of a write beyond the limit of a file's size: it fails as on a full disk and does not end the process.
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", "trap '' 25; exec \"$@\"", "sh", Environment.ProcessPath!])
            start.ArgumentList.Add(argument);
        // Under `dotnet X.dll` the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(BrokerProcess).Assembly.Location);
        foreach (string argument in (string[])["--broker", folder, $"{port}", .. registryPort is null ? (string[])[] : [$"{registryPort}"]])
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        string? bootstrap = await process.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.NotNull(bootstrap);
        return new BrokerProcess(process, bootstrap);
    }

    /// <summary>SIGKILL: no handler runs, no buffer is written.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit(10_000);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
