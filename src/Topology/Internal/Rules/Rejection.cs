namespace Assay.Topology.Internal.Rules;

/// <summary>Why an input was not taken.</summary>
/// <param name="Reason">One of <see cref="Schemas.RejectionReason"/>.</param>
/// <param name="Detail">One plain sentence.</param>
internal sealed record Rejection(string Reason, string Detail);
