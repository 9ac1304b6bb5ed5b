namespace Assay.Streams.Internal.Tasks;

/// <summary>The schedules of one task on one clock.</summary>
/// <remarks>A schedule keeps its anchor: the next time is always anchor + n × interval, so that late calls cause no drift; whoever is late for
/// several of them fires once (rule 14).</remarks>
internal sealed class Punctuators
{
    private readonly List<Schedule> _schedules = [];

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> without any.</summary>
    public long NextDue { get; private set; } = long.MaxValue;

    public IDisposable Add(string node, long interval, long first, Action<long> punctuator)
    {
        Schedule schedule = new(this, node, interval, first, punctuator);
        _schedules.Add(schedule);
        NextDue = Math.Min(NextDue, first);
        return schedule;
    }

    /// <summary>Fires what is due at <paramref name="now"/>; a failure goes to <paramref name="failed"/> with the node's name.</summary>
    public void Fire(long now, Action<string, Exception> failed)
    {
        for (int i = 0; i < _schedules.Count; i++)
        {
            Schedule schedule = _schedules[i];
            if (schedule.Next > now)
                continue;
            schedule.Next += ((now - schedule.Next) / schedule.Interval + 1) * schedule.Interval;
            try
            {
                schedule.Punctuator(now);
            }
            catch (Exception exception) when (StreamTask.IsRecordFailure(exception))
            {
                failed(schedule.Node, exception);
            }
        }
        _schedules.RemoveAll(schedule => schedule.Cancelled);
        FindNext();
    }

    private void FindNext()
    {
        NextDue = long.MaxValue;
        foreach (Schedule schedule in _schedules)
            NextDue = Math.Min(NextDue, schedule.Next);
    }

    private sealed class Schedule(Punctuators owner, string node, long interval, long next, Action<long> punctuator) : IDisposable
    {
        public string Node => node;
        public long Interval => interval;
        public long Next = next;
        public Action<long> Punctuator => punctuator;
        public bool Cancelled;

        public void Dispose()
        {
            Cancelled = true;
            // Never due again; taken out of the list at the next firing, since this may be called from within one.
            Next = long.MaxValue;
            owner.FindNext();
        }
    }
}
