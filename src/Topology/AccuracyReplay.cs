using System.Diagnostics.CodeAnalysis;
using Assay.Schemas;
using Assay.Streams;
using Assay.Topology.Internal.Rules;
using Assay.Topology.Internal.State;

namespace Assay.Topology;

/// <summary>
/// The accuracy topology's rules over inputs at hand, in this process: the same code that its processor runs, without an engine, topics or a changelog.
/// Whoever calls it sees to the order: as the engine does, by time, and an answer before a quote of the same moment.
/// </summary>
public sealed class AccuracyReplay
{
    private readonly AccuracyJoin _join;
    private readonly long _reviseWithinMs;

    /// <param name="options">What the records depend on.</param>
    /// <param name="time">The clock: inputs more than 60 s ahead of it are refused.</param>
    /// <param name="emit">Takes each record that is due, in order, all revisions.</param>
    /// <exception cref="UserException">The options cannot work; names the setting.</exception>
    public AccuracyReplay(AccuracyOptions options, TimeProvider time, Action<Accuracy> emit)
    {
        options.Check();
        _reviseWithinMs = (long)options.ReviseWithin.TotalMilliseconds;
        _join = new AccuracyJoin(options, () => time.GetUtcNow().ToUnixTimeMilliseconds(), new Nowhere(), emit);
    }

    /// <summary>
    /// Ids whose record has an earlier <c>at</c> (ms since the epoch) come no more: not even from a round that moved, since rounds are forgotten
    /// <c>revise_within</c> after their records stand.
    /// </summary>
    public long Final => _join.Horizon - _reviseWithinMs;

    /// <summary>Takes a quote; returns the sentence that says why it was refused, or null.</summary>
    public string? Take(Quote quote) => _join.Add(quote)?.Detail;

    /// <summary>Takes an answer, or the message that takes one back; returns the sentence that says why it was refused, or null.</summary>
    public string? Take(ContractAnswer answer) => _join.Add(answer)?.Detail;

    /// <summary>Ends the input: stream time runs on until every window has closed.</summary>
    public void End() => _join.CloseAll();

    /// <summary>The rules keep all they need in memory; nothing here outlives the process.</summary>
    private sealed class Nowhere : IKeyValueStore<StateKey, StateEntry>
    {
        public string Name => AccuracyTopology.StoreName;

        public int Count => 0;

        public int Flushes => 0;

        public StateEntry? Get(StateKey key) => null;

        public bool TryGet(StateKey key, [MaybeNullWhen(false)] out StateEntry value)
        {
            value = null;
            return false;
        }

        public IEnumerable<KeyValuePair<StateKey, StateEntry>> Range(StateKey from, StateKey to) => [];

        public IEnumerable<KeyValuePair<StateKey, StateEntry>> All() => [];

        public void Put(StateKey key, StateEntry? value)
        {
        }

        public bool Delete(StateKey key) => false;
    }
}
