using System.Collections.Immutable;
using Assay.Streams.Internal.Graph;
using Assay.Streams.Internal.Tasks;

namespace Assay.Streams.Internal.Threads;

/// <remarks>Queries read what the thread has published: one reference to things that never change, replaced after each commit and taken away when
/// tasks come or go. So a read sees all the thread's tasks as of one commit, and never waits for the thread, nor the thread for it (rule 27).</remarks>
internal sealed partial class StreamThread
{
    private volatile PublishedStores? _published;
    private ImmutableHashSet<string> _publishedOf = [];

    /// <summary>Whether a store that somebody waits for is being copied, which goes on at each commit.</summary>
    private bool _copying;

    /// <summary>Null while it is not known what the thread has.</summary>
    public PublishedStores? Published => _published;

    public int PartitionsOf(SubTopology subTopology) => subTopology.InputTopics.Max(topic => _partitionCounts[topic]);

    /// <summary>Whether readers wait for a commit, however long the interval: of a store that was not asked for before.</summary>
    private bool ReadersWait() => _copying || _publishedOf != _environment.Queries.Wanted;

    /// <summary>To be called when all that the tasks have done is committed.</summary>
    private void Publish()
    {
        ImmutableHashSet<string> wanted = _environment.Queries.Wanted;
        if (wanted.IsEmpty && _published is not null)
            return;
        Dictionary<TaskId, IReadOnlyDictionary<string, object>> tasks = [];
        _copying = false;
        foreach (StreamTask task in _tasks.Values)
        {
            if (task.State != TaskState.Running)
                continue;
            tasks.Add(task.Id, task.Publish(wanted, out bool isWhole));
            _copying |= !isWhole;
        }
        _publishedOf = wanted;
        _published = new PublishedStores(tasks, IsWhole: tasks.Count == _tasks.Count);
        _environment.Queries.Published();
    }
}
