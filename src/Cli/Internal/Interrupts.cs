using System.Runtime.InteropServices;

namespace Assay.Cli.Internal;

/// <summary>Turns Ctrl-C, SIGTERM and a closed terminal into cancellation; whatever has not stopped ten seconds later is ended, and so it is by a second Ctrl-C.</summary>
internal sealed class Interrupts : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _watchdog;

    public Interrupts()
    {
        _watchdog = new Timer(_ => End("did not stop within ten seconds"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, On))];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _watchdog.Dispose();
        _source.Dispose();
    }

    private void On(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested)
        {
            if (context.Signal == PosixSignal.SIGINT)
                End("was interrupted twice");
            return;
        }
        _watchdog.Change(Patience, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }

    private static void End(string why)
    {
        Console.Error.WriteLine($"assay: the program {why}, so it was ended.");
        Environment.Exit(CommandLine.Failed);
    }
}
