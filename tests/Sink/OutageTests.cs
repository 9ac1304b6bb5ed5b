using System.Net.Sockets;
using Assay.Sink.Internal;
using Npgsql;

namespace Assay.Sink.Tests;

/// <summary>What the sink says while something does not work.</summary>
public sealed class OutageTests
{
    private readonly RecordingLog _log = new();
    private readonly Outage _outage;

    public OutageTests() => _outage = new Outage(_log.CreateLogger("sink"), "database 'x' at h:1", TimeProvider.System);

    [Fact]
    public void Restart_of_the_server_is_said_once_and_its_end_once()
    {
        _outage.Failed(Refusal("57P01", "terminating connection due to administrator command"));
        _outage.Failed(new NpgsqlException("broken", new IOException("reset")));
        _outage.Failed(new NpgsqlException("refused", new SocketException(111)));
        _outage.Failed(Refusal("57P03", "the database system is starting up"));
        _outage.Failed(new TimeoutException());
        _outage.Over();
        _outage.Over();
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void Each_further_cause_is_said_once_and_all_of_them_anew_after_the_end()
    {
        _outage.Failed(new NpgsqlException("refused", new SocketException(111)));
        _outage.Failed(Refusal("53100", "could not extend file \"base/1/2\""));
        _outage.Failed(new NpgsqlException("refused", new SocketException(111)));
        _outage.Failed(Refusal("53100", "could not extend file \"base/1/3\""));
        Assert.Equal(2, _log.Lines.Count);
        _outage.Over();
        _outage.Failed(new NpgsqlException("refused", new SocketException(111)));
        Assert.Equal(4, _log.Lines.Count);
    }

    private static PostgresException Refusal(string state, string text) => new(text, "FATAL", "FATAL", state);
}
