using Assay.Schemas;

namespace Assay.Topology.Tests.Harness;

/// <summary>
/// Instances that share the partitions of a random case, each partition a task with its own input, position and state. An instance commits its tasks together;
/// one that crashes loses what it did since, and its tasks go on elsewhere from the commit.
/// </summary>
internal sealed class ClusterUnderTest
{
    private const int MostPartitions = 4;
    private const int MostInstances = 3;
    private const int StepsPerCommit = 12;
    private const int StepsPerFailure = 60;

    private readonly Random _random;
    private readonly List<PartitionTask> _tasks = [];
    private readonly int _instances;

    public ClusterUnderTest(RandomCase given, Random random)
    {
        _random = random;
        _instances = random.Next(1, MostInstances + 1);
        int partitions = random.Next(1, MostPartitions + 1);
        Dictionary<string, int> places = given.Options.Feeds.Select(feed => feed.Pair).Distinct().ToDictionary(pair => pair, _ => random.Next(partitions));
        foreach (IGrouping<int, object> inputs in given.Delivery.GroupBy(input => places[input is Quote quote ? quote.Pair : ((ContractAnswer)input).Pair]))
            _tasks.Add(new PartitionTask(new JoinUnderTest(given.Options), [.. inputs]) { Owner = random.Next(_instances) });
    }

    public IEnumerable<Accuracy> Emitted => _tasks.SelectMany(task => task.Join.Emitted);

    /// <summary>Lets all instances work, in random turns, through commits, crashes and moves, until every input is taken; then lets stream time run on.</summary>
    public void Run(long end)
    {
        List<PartitionTask> busy = [.. _tasks];
        while (busy.Count > 0)
        {
            PartitionTask task = busy[_random.Next(busy.Count)];
            task.Step();
            if (_random.Next(StepsPerCommit) == 0)
                Commit(task.Owner);
            if (_random.Next(StepsPerFailure) == 0)
                Stop(_random.Next(_instances), cleanly: _random.Next(2) == 0);
            busy = [.. _tasks.Where(task => !task.IsDone)];
        }
        foreach (PartitionTask task in _tasks)
            task.Join.Join.Advance(end);
    }

    private void Commit(int instance)
    {
        foreach (PartitionTask task in _tasks.Where(task => task.Owner == instance))
            task.Commit();
    }

    private void Stop(int instance, bool cleanly)
    {
        if (cleanly)
            Commit(instance);
        foreach (PartitionTask task in _tasks.Where(task => task.Owner == instance))
        {
            task.Restore();
            task.Owner = _random.Next(_instances);
        }
    }

    private sealed class PartitionTask(JoinUnderTest join, object[] inputs)
    {
        private int _position;
        private int _committed;

        public JoinUnderTest Join => join;

        public int Owner { get; set; }

        public bool IsDone => _position == inputs.Length;

        public void Step()
        {
            if (!IsDone)
                join.Take(inputs[_position++]);
        }

        public void Commit()
        {
            join.Commit();
            _committed = _position;
        }

        public void Restore()
        {
            join.Crash();
            _position = _committed;
        }
    }
}
