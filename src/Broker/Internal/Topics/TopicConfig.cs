using System.Globalization;

namespace Assay.Broker.Internal.Topics;

/// <summary>The kinds of a configuration's value, with the protocol's numbers (DescribeConfigs, ConfigType).</summary>
internal enum ConfigKind : sbyte
{
    Boolean = 1,
    Text = 2,
    Integer = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>A topic configuration that the broker knows: <paramref name="Default"/> holds where a topic says nothing.</summary>
internal sealed record ConfigKey(string Name, ConfigKind Kind, string Default);

/// <summary>
/// A topic's configuration: the values that were set, and the effective ones that the log reads. All of Apache Kafka's topic settings are accepted and
/// kept; those of replication, preallocation and flushing have nothing to act on here.
/// </summary>
internal sealed class TopicConfig
{
    public const string CleanupPolicy = "cleanup.policy";
    private const string MaxMessageBytesName = "max.message.bytes";
    private const string RetentionMsName = "retention.ms";
    private const string RetentionBytesName = "retention.bytes";
    private const string SegmentMsName = "segment.ms";
    private const string DeleteRetentionMsName = "delete.retention.ms";
    private const string MinCleanableDirtyRatioName = "min.cleanable.dirty.ratio";
    private const string MinCompactionLagMsName = "min.compaction.lag.ms";
    private const string MaxCompactionLagMsName = "max.compaction.lag.ms";
    private const string SegmentBytesName = "segment.bytes";
    private const string TimestampAfterMaxMsName = "message.timestamp.after.max.ms";
    private const string TimestampBeforeMaxMsName = "message.timestamp.before.max.ms";
    private const string TimestampTypeName = "message.timestamp.type";

    /// <summary>
    /// Records carry event times here, and with Apache Kafka's default of a week replayed history vanishes within minutes: they stay unless a topic says otherwise.
    /// Segments are smaller than its default so that recovery after a crash reads little.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, ConfigKey> Known = new ConfigKey[]
    {
        new(CleanupPolicy, ConfigKind.List, "delete"),
        new("compression.type", ConfigKind.Text, "producer"),
        new("compression.gzip.level", ConfigKind.Integer, "-1"),
        new("compression.lz4.level", ConfigKind.Integer, "9"),
        new("compression.zstd.level", ConfigKind.Integer, "3"),
        new(DeleteRetentionMsName, ConfigKind.Long, "86400000"),
        new("file.delete.delay.ms", ConfigKind.Long, "60000"),
        new("flush.messages", ConfigKind.Long, "9223372036854775807"),
        new("flush.ms", ConfigKind.Long, "9223372036854775807"),
        new("follower.replication.throttled.replicas", ConfigKind.List, ""),
        new("index.interval.bytes", ConfigKind.Integer, "4096"),
        new("leader.replication.throttled.replicas", ConfigKind.List, ""),
        new(MaxCompactionLagMsName, ConfigKind.Long, "9223372036854775807"),
        new(MaxMessageBytesName, ConfigKind.Integer, "1048588"),
        new(TimestampAfterMaxMsName, ConfigKind.Long, "9223372036854775807"),
        new(TimestampBeforeMaxMsName, ConfigKind.Long, "9223372036854775807"),
        new(TimestampTypeName, ConfigKind.Text, "CreateTime"),
        new(MinCleanableDirtyRatioName, ConfigKind.Double, "0.5"),
        new(MinCompactionLagMsName, ConfigKind.Long, "0"),
        new("min.insync.replicas", ConfigKind.Integer, "1"),
        new("preallocate", ConfigKind.Boolean, "false"),
        new(RetentionBytesName, ConfigKind.Long, "-1"),
        new(RetentionMsName, ConfigKind.Long, "-1"),
        new(SegmentBytesName, ConfigKind.Integer, "134217728"),
        new("segment.index.bytes", ConfigKind.Integer, "10485760"),
        new("segment.jitter.ms", ConfigKind.Long, "0"),
        new(SegmentMsName, ConfigKind.Long, "604800000"),
        new("unclean.leader.election.enable", ConfigKind.Boolean, "false"),
    }.ToDictionary(key => key.Name);

    private IReadOnlyDictionary<string, string> _set = new Dictionary<string, string>();

    /// <param name="set">Values that <see cref="Problem"/> found nothing wrong with.</param>
    public TopicConfig(IReadOnlyDictionary<string, string> set) => Change(set);

    /// <summary>The values that were set, by name.</summary>
    public IReadOnlyDictionary<string, string> Set => _set;

    public int MaxMessageBytes { get; private set; }
    public int SegmentBytes { get; private set; }
    public long RetentionMs { get; private set; }
    public long RetentionBytes { get; private set; }
    /// <summary>Whether old segments may be deleted (cleanup.policy has delete).</summary>
    public bool Deletes { get; private set; }
    /// <summary>Whether only the newest record of each key is kept (cleanup.policy has compact).</summary>
    public bool Compacts { get; private set; }
    /// <summary>How long tombstones and transaction markers are kept once compaction could drop them.</summary>
    public long DeleteRetentionMs { get; private set; }
    /// <summary>The share of bytes that compaction has not seen from which on it sets to work.</summary>
    public double MinCleanableDirtyRatio { get; private set; }
    /// <summary>Younger records are left alone by compaction.</summary>
    public long MinCompactionLagMs { get; private set; }
    /// <summary>Records older than this are compacted whatever their share.</summary>
    public long MaxCompactionLagMs { get; private set; }
    /// <summary>The span of time that one segment covers at most.</summary>
    public long SegmentMs { get; private set; }
    /// <summary>How far a record's time may be ahead of the broker's.</summary>
    public long TimestampAfterMaxMs { get; private set; }
    /// <summary>How far a record's time may be behind the broker's.</summary>
    public long TimestampBeforeMaxMs { get; private set; }
    /// <summary>Whether records get the broker's time (message.timestamp.type is LogAppendTime).</summary>
    public bool StampsOnAppend { get; private set; }

    /// <summary>The value in force, set or by default.</summary>
    public string Value(string name) => _set.TryGetValue(name, out string? value) ? value : Known[name].Default;

    public void Change(IReadOnlyDictionary<string, string> set)
    {
        _set = set;
        MaxMessageBytes = (int)Number(MaxMessageBytesName);
        SegmentBytes = (int)Number(SegmentBytesName);
        RetentionMs = Number(RetentionMsName);
        RetentionBytes = Number(RetentionBytesName);
        string[] policies = Value(CleanupPolicy).Split(',', StringSplitOptions.TrimEntries);
        Deletes = policies.Contains("delete");
        Compacts = policies.Contains("compact");
        DeleteRetentionMs = Number(DeleteRetentionMsName);
        MinCleanableDirtyRatio = double.Parse(Value(MinCleanableDirtyRatioName), CultureInfo.InvariantCulture);
        MinCompactionLagMs = Number(MinCompactionLagMsName);
        MaxCompactionLagMs = Number(MaxCompactionLagMsName);
        SegmentMs = Number(SegmentMsName);
        TimestampAfterMaxMs = Number(TimestampAfterMaxMsName);
        TimestampBeforeMaxMs = Number(TimestampBeforeMaxMsName);
        StampsOnAppend = Value(TimestampTypeName) == "LogAppendTime";
    }

    /// <summary>What is wrong with a setting, as a sentence; null: nothing.</summary>
    public static string? Problem(string name, string? value)
    {
        if (!Known.TryGetValue(name, out ConfigKey? key))
            return $"Unknown topic config name: {name}.";
        if (value is null)
            return $"The topic config {name} needs a value.";
        bool sound = key.Kind switch
        {
            ConfigKind.Boolean => value is "true" or "false",
            ConfigKind.Integer => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ConfigKind.Long => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ConfigKind.Double => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            _ => true,
        } && name switch
        {
            CleanupPolicy => value.Split(',').All(policy => policy.Trim() is "delete" or "compact"),
            TimestampTypeName => value is "CreateTime" or "LogAppendTime",
            "compression.type" => value is "producer" or "uncompressed" or "gzip" or "snappy" or "lz4" or "zstd",
            "min.insync.replicas" => int.Parse(value, CultureInfo.InvariantCulture) >= 1,
            SegmentBytesName => int.Parse(value, CultureInfo.InvariantCulture) >= 14,
            MaxMessageBytesName => int.Parse(value, CultureInfo.InvariantCulture) >= 0,
            MinCleanableDirtyRatioName => double.Parse(value, CultureInfo.InvariantCulture) is >= 0 and <= 1,
            DeleteRetentionMsName or MinCompactionLagMsName => long.Parse(value, CultureInfo.InvariantCulture) >= 0,
            SegmentMsName or MaxCompactionLagMsName => long.Parse(value, CultureInfo.InvariantCulture) >= 1,
            RetentionMsName or RetentionBytesName => long.Parse(value, CultureInfo.InvariantCulture) >= -1,
            _ => true,
        };
        return sound ? null : $"Invalid value {value} for configuration {name}.";
    }

    private long Number(string name) => long.Parse(Value(name), CultureInfo.InvariantCulture);
}
