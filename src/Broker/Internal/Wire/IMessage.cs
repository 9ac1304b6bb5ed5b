namespace Assay.Broker.Internal.Wire;

/// <summary>
/// A structure of the protocol (or of the broker's own state) that names its fields once, in wire order, with the versions that carry each.
/// The same description reads, writes and persists it; see <see cref="Codec"/>.
/// </summary>
internal interface IMessage
{
    void Visit(Codec codec);
}
