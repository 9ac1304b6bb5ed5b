using Assay.Broker.Internal.Messages;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Groups;

/// <summary>A member of a group; persisted with its group, so that members survive a restart of the broker without a rebalance.</summary>
internal sealed class Member : IMessage
{
    public string Id = "";
    /// <summary>Set for a static member (KIP-345): it keeps its place while it is away for less than its session timeout.</summary>
    public string? InstanceId;
    public string ClientId = "";
    public string ClientHost = "";
    public int SessionTimeoutMs;
    public int RebalanceTimeoutMs;
    public JoinGroupRequest.Protocol[] Protocols = [];
    public byte[] Assignment = [];

    /// <summary>When the member counts as gone unless it is heard of, in ms of the group's clock.</summary>
    public long Deadline { get; set; }

    /// <summary>Whether it is known from before a restart only: a static one may have come back under a new id since the group was written last.</summary>
    public bool Remembered { get; set; }

    /// <summary>The answer to a JoinGroup that waits for the others.</summary>
    public TaskCompletionSource<JoinGroupResponse>? Joining { get; set; }

    /// <summary>The answer to a SyncGroup that waits for the leader's assignment.</summary>
    public TaskCompletionSource<SyncGroupResponse>? Syncing { get; set; }

    /// <summary>A member whose request is parked here is alive, however long that takes.</summary>
    public bool Waits => Joining is not null || Syncing is not null;

    public void Visit(Codec codec)
    {
        codec.String(ref Id);
        codec.NullableString(ref InstanceId);
        codec.String(ref ClientId);
        codec.String(ref ClientHost);
        codec.Int32(ref SessionTimeoutMs);
        codec.Int32(ref RebalanceTimeoutMs);
        codec.Array(ref Protocols);
        codec.Bytes(ref Assignment);
        codec.Tags();
    }

    public byte[] Metadata(string? protocol) => Protocols.FirstOrDefault(candidate => candidate.Name == protocol)?.Metadata ?? [];

    public bool Supports(string protocol) => Array.Exists(Protocols, candidate => candidate.Name == protocol);

    public bool SameProtocols(JoinGroupRequest.Protocol[] others) =>
        Protocols.Length == others.Length && Protocols.Zip(others).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
