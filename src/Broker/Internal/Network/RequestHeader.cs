using System.Buffers.Binary;
using System.Text;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Network;

/// <summary>What stands before every request's body.</summary>
/// <param name="Length">Bytes up to and including the client id, that is of the header without tags.</param>
internal readonly record struct RequestHeader(short ApiKey, short Version, int CorrelationId, string? ClientId, int Length)
{
    private const int Fixed = 10;

    public static RequestHeader Read(ReadOnlyMemory<byte> frame)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        if (bytes.Length < Fixed)
            throw new WireException($"a frame of {bytes.Length} bytes is shorter than a request's header");
        short clientLength = BinaryPrimitives.ReadInt16BigEndian(bytes[8..]);
        int length = Fixed + Math.Max((int)clientLength, 0);
        if (length > bytes.Length)
            throw new WireException("the client id does not fit the frame");
        string? clientId = clientLength < 0 ? null : Encoding.UTF8.GetString(bytes[Fixed..length]);
        return new RequestHeader(
            BinaryPrimitives.ReadInt16BigEndian(bytes), BinaryPrimitives.ReadInt16BigEndian(bytes[2..]), BinaryPrimitives.ReadInt32BigEndian(bytes[4..]), clientId, length);
    }
}
