using Assay.Broker.Internal.Groups;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Topics;
using Assay.Broker.Internal.Transactions;
using Microsoft.Extensions.Logging;

namespace Assay.Broker.Internal;

/// <summary>The one node of the cluster: everything that requests work on.</summary>
internal sealed class Node : IDisposable
{
    /// <summary>The node's id in the protocol; leader of every partition and coordinator of everything.</summary>
    public const int Id = 1;
    /// <summary>The leader epoch of every partition: the leader never changes.</summary>
    public const int LeaderEpoch = 0;
    private const string ClusterKey = "cluster";
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ProducerRetention = TimeSpan.FromDays(1);

    private readonly StateLog _state;
    private readonly ITimer _maintenance;
    private readonly CompactionLoop _compaction;

    /// <param name="port">The port that clients are told.</param>
    public Node(BrokerOptions options, int port, ILogger logger, TimeProvider time)
    {
        Options = options;
        Logger = logger;
        Time = time;
        Port = port;
        _state = new StateLog(options.DataFolder is null ? null : Path.Combine(options.DataFolder, "state.log"), logger);
        ClusterId = TakeClusterId();
        Topics = new TopicCatalog(_state, options, logger, time);
        Groups = new GroupCoordinator(_state, logger, time);
        Transactions = new TransactionCoordinator(_state, Topics, Groups, logger, time);
        Topics.Deleted += Groups.Forget;
        _compaction = new CompactionLoop(Topics, logger, time);
        _maintenance = time.CreateTimer(_ => Maintain(), null, MaintenanceInterval, MaintenanceInterval);
    }

    public BrokerOptions Options { get; }
    public ILogger Logger { get; }
    public TimeProvider Time { get; }
    public int Port { get; }
    public string ClusterId { get; }
    public TopicCatalog Topics { get; }
    public GroupCoordinator Groups { get; }
    public TransactionCoordinator Transactions { get; }

    /// <summary>Closes everything so that the next start need not recover anything.</summary>
    public void Dispose()
    {
        _maintenance.Dispose();
        _compaction.Dispose();
        Transactions.Dispose();
        Groups.Dispose();
        Topics.Dispose();
        _state.Dispose();
    }

    private string TakeClusterId()
    {
        ClusterRecord? known = _state.All<ClusterRecord>(ClusterKey).Select(entry => entry.Value).FirstOrDefault();
        if (known is null)
        {
            known = new ClusterRecord { Id = Guid.NewGuid() };
            _state.Write(StateLog.Change(ClusterKey, known));
        }
        return Convert.ToBase64String(known.Id.ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private void Maintain()
    {
        try
        {
            foreach (Topic topic in Topics.All)
                foreach (PartitionLog log in topic.Partitions)
                    log.ApplyRetention(ProducerRetention);
            Groups.Expire();
            Transactions.Expire();
        }
        catch (Exception failure)
        {
            Log.MaintenanceFailed(Logger, "Retention", failure);
        }
    }
}
