using Assay.Schemas;
using Assay.Topology.Internal.Rules;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Tests.Harness;

/// <summary>The rules alone, without an engine: inputs go in, what was emitted is kept.</summary>
internal sealed class JoinUnderTest
{
    private readonly AccuracyOptions _options;
    private readonly Func<long> _now;
    private RestartableStore _store;
    private int _committed;

    public JoinUnderTest(AccuracyOptions? options = null, Func<long>? now = null)
    {
        _options = options ?? Given.Options;
        _options.Check();
        _now = now ?? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds;
        _store = new RestartableStore(new StateSerde(_options));
        Join = new AccuracyJoin(_options, _now, _store, Emitted.Add);
    }

    public AccuracyJoin Join { get; private set; }

    /// <summary>All records, in order.</summary>
    public List<Accuracy> Emitted { get; } = [];

    public int StateEntries => _store.Count;

    /// <summary>Takes quotes and answers; fails where one is rejected.</summary>
    public JoinUnderTest Take(params object[] inputs)
    {
        foreach (object input in inputs)
        {
            Rejection? rejection = input is Quote quote ? Join.Add(quote) : Join.Add((ContractAnswer)input);
            Assert.Null(rejection);
        }
        return this;
    }

    /// <summary>Lets stream time reach a moment without an input.</summary>
    public JoinUnderTest Until(double seconds)
    {
        Join.Advance(Given.At(seconds));
        return this;
    }

    /// <summary>Stops, and goes on with what the changelog holds.</summary>
    public JoinUnderTest Restart()
    {
        Commit();
        return Crash();
    }

    /// <summary>What was emitted and kept until now stands, whatever happens.</summary>
    public void Commit()
    {
        _store.Commit();
        _committed = Emitted.Count;
    }

    /// <summary>Ends, and goes on from the last commit: what was emitted since was never seen.</summary>
    public JoinUnderTest Crash()
    {
        Emitted.RemoveRange(_committed, Emitted.Count - _committed);
        _store = _store.Restored();
        Join = new AccuracyJoin(_options, _now, _store, Emitted.Add);
        return this;
    }

    /// <summary>The latest revision of a record; null where none was emitted.</summary>
    public Accuracy? Latest(string id) => Emitted.LastOrDefault(record => record.Id == id);

    public IEnumerable<Accuracy> Revisions(string id) => Emitted.Where(record => record.Id == id);
}
