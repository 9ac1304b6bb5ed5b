using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Assay.Broker.Tests.Storage;

/// <summary>The broker's own state survives whatever happens to the end of its file, write by write.</summary>
public sealed class StateLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void State_cut_at_any_byte_holds_every_whole_write_and_no_part_of_another()
    {
        List<long> ends = [0];
        using (StateLog log = Open())
            for (int write = 1; write <= 4; write++)
            {
                log.Write(StateLog.Change("n/a", new NumberRecord { Value = write }), StateLog.Change("n/b", new NumberRecord { Value = write }));
                ends.Add(new FileInfo(_folder["state.log"]).Length);
            }
        byte[] whole = File.ReadAllBytes(_folder["state.log"]);

        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_folder["state.log"], whole[..length]);
            using StateLog log = Open();
            int writes = ends.FindLastIndex(end => end <= length);
            Assert.Equal(writes == 0 ? [] : [writes, writes], log.All<NumberRecord>("n/").Select(entry => (int)entry.Value.Value));
        }
    }

    [Fact]
    public void State_that_is_overwritten_again_and_again_does_not_grow_for_ever()
    {
        using (StateLog log = Open())
        {
            log.Write(StateLog.Change("kept", new NumberRecord { Value = 42 }), StateLog.Change("removed", new NumberRecord()));
            log.Write(StateLog.Change("removed", null));
            for (int write = 0; write < 300_000; write++)
                log.Write(StateLog.Change("key", new NumberRecord { Value = write }));
        }

        Assert.InRange(new FileInfo(_folder["state.log"]).Length, 1, 6 * 1024 * 1024);
        using StateLog again = Open();
        Assert.Equal(299_999, again.All<NumberRecord>("key").Single().Value.Value);
        Assert.Equal(42, again.All<NumberRecord>("kept").Single().Value.Value);
        Assert.Empty(again.All<NumberRecord>("removed"));
    }

    private StateLog Open() => new(_folder["state.log"], NullLogger.Instance);
}
