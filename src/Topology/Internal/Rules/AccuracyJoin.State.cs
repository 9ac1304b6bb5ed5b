using System.Diagnostics.CodeAnalysis;
using Assay.Topology.Internal.State;

namespace Assay.Topology.Internal.Rules;

/// <summary>What outlives the process. Windows and rounds are changed in place; the store writes each changed one once per commit.</summary>
internal sealed partial class AccuracyJoin
{
    private void Keep(StateEntry entry)
    {
        if (entry.PutIn == _store.Flushes)
            return;
        entry.PutIn = _store.Flushes;
        _store.Put(entry.Key, entry);
    }

    /// <summary>Takes up what an earlier run left; forgets what the configuration no longer has.</summary>
    [MemberNotNull(nameof(_clock))]
    private void Restore()
    {
        StreamClock? stored = _store.Get(StateKey.Clock) as StreamClock;
        _clock = new StreamClock { WindowMs = _windowMs, Time = stored?.Time ?? long.MinValue };
        bool sameWindows = stored?.WindowMs == _windowMs;
        List<StateKey> foreign = [];
        foreach ((StateKey key, StateEntry entry) in _store.All())
        {
            bool taken = entry switch
            {
                Window window => sameWindows && Take(key.Owner, window),
                Round round => Take(key.Owner, round),
                _ => true,
            };
            if (!taken)
                foreign.Add(key);
        }
        foreach (StateKey key in foreign)
            _store.Delete(key);
    }

    private bool Take(string owner, Window window)
    {
        if (!_pairs.TryGetValue(owner, out PairState? pair))
            return false;
        window.Pair = pair;
        pair.Windows.Add(window);
        if (!window.Closed)
            Await(window);
        return true;
    }

    private bool Take(string owner, Round round)
    {
        if (!_feeds.TryGetValue(owner, out FeedState? feed))
            return false;
        round.Feed = feed;
        feed.Rounds.Add(round.Id, round);
        foreach (Answer log in round.Logs)
            feed.Answers.Add(log);
        return true;
    }
}
