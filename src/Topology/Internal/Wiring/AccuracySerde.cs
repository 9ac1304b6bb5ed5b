using System.Buffers;
using Assay.Schemas;
using Assay.Streams;

namespace Assay.Topology.Internal.Wiring;

/// <summary>The output topic's JSON.</summary>
internal sealed class AccuracySerde : ISerde<Accuracy>
{
    public void Serialize(Accuracy value, IBufferWriter<byte> to, in SerdeContext context) => AccuracyJson.Write(value, to);

    public Accuracy Deserialize(ReadOnlySpan<byte> bytes, in SerdeContext context) => AccuracyJson.Read(bytes);
}
