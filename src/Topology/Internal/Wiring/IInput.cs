using Assay.Topology.Internal.Wiring;

namespace Assay.Topology.Internal.Wiring
{
    /// <summary>A record of either input topic: one processor takes both, so that they meet in one place.</summary>
    internal interface IInput;
}

namespace Assay.Topology
{
    public sealed partial record Quote : IInput;

    public sealed partial record ContractAnswer : IInput;
}
