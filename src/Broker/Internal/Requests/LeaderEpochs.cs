using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>Checks the leader epoch a client knows: there is one leader and it never changes, so any other epoch is wrong.</summary>
internal static class LeaderEpochs
{
    public static KafkaError Problem(int clientEpoch) => clientEpoch switch
    {
        < 0 or Node.LeaderEpoch => KafkaError.None,
        > Node.LeaderEpoch => KafkaError.UnknownLeaderEpoch,
    };
}
