namespace Assay.Broker.Internal.Requests;

/// <summary>
/// What a client may do, for those who ask: bits by the protocol's codes of operations (https://kafka.apache.org/documentation/#operations_in_kafka). Whoever
/// is let in may do everything, as there are no access lists.
/// </summary>
internal static class AuthorizedOperations
{
    public const int Topic = Read | Write | Create | Delete | Alter | Describe | DescribeConfigs | AlterConfigs;
    public const int Group = Read | Delete | Describe | DescribeConfigs | AlterConfigs;
    public const int Cluster = Create | Alter | Describe | ClusterAction | DescribeConfigs | AlterConfigs | IdempotentWrite;
    /// <summary>Nobody asked.</summary>
    public const int Unknown = int.MinValue;

    private const int Read = 1 << 3;
    private const int Write = 1 << 4;
    private const int Create = 1 << 5;
    private const int Delete = 1 << 6;
    private const int Alter = 1 << 7;
    private const int Describe = 1 << 8;
    private const int ClusterAction = 1 << 9;
    private const int DescribeConfigs = 1 << 10;
    private const int AlterConfigs = 1 << 11;
    private const int IdempotentWrite = 1 << 12;
}
