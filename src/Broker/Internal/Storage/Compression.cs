using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Assay.Broker.Internal.Wire;
using K4os.Compression.LZ4.Streams;
using Snappier;
using ZstdSharp;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// The codecs of record batches, by the number in their attributes: 1 gzip, 2 snappy (in the framing of snappy-java, or bare), 3 lz4 (frames), 4 zstd. Batches pass
/// through the broker as they are; it opens them where it looks for a time or compacts.
/// </summary>
internal static class Compression
{
    /// <summary>The most bytes that one batch may expand to here: more is not opened, whatever it is.</summary>
    public const int MostExpanded = 64 * 1024 * 1024;
    private const int SnappyFrameHeader = 16;
    private const int SnappyBlock = 32 * 1024;

    private static ReadOnlySpan<byte> SnappyFrame => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

    /// <summary>The plain bytes, in an array of the shared pool that the caller returns.</summary>
    /// <exception cref="WireException">The bytes are not what the codec writes, or expand to more than <see cref="MostExpanded"/>.</exception>
    public static (byte[] Rented, int Length) Expand(int codec, ReadOnlySpan<byte> packed)
    {
        byte[] source = ArrayPool<byte>.Shared.Rent(packed.Length);
        byte[] plain = ArrayPool<byte>.Shared.Rent(Math.Min(packed.Length * 4, MostExpanded));
        try
        {
            packed.CopyTo(source);
            using Stream stream = Reader(codec, new MemoryStream(source, 0, packed.Length, writable: false, publiclyVisible: true));
            int length = 0;
            while (true)
            {
                if (length == plain.Length)
                    plain = Larger(plain);
                int read = stream.Read(plain, length, plain.Length - length);
                if (read == 0)
                    return (plain, length);
                length += read;
            }
        }
        catch (Exception failure) when (failure is not WireException)
        {
            // Each codec has exceptions of its own for bytes that are not its own.
            ArrayPool<byte>.Shared.Return(plain);
            throw new WireException($"a batch cannot be decompressed: {failure.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(source);
        }
    }

    /// <summary>Packs bytes as the codec's clients expect them.</summary>
    public static byte[] Pack(int codec, ReadOnlySpan<byte> plain)
    {
        using MemoryStream packed = new();
        if (codec == 2)
        {
            packed.Write(SnappyFrame);
            Span<byte> length = stackalloc byte[4];
            for (; plain.Length > 0; plain = plain[Math.Min(SnappyBlock, plain.Length)..])
            {
                byte[] block = Snappy.CompressToArray(plain[..Math.Min(SnappyBlock, plain.Length)]);
                BinaryPrimitives.WriteInt32BigEndian(length, block.Length);
                packed.Write(length);
                packed.Write(block);
            }
            return packed.ToArray();
        }
        using (Stream stream = codec switch
        {
            1 => new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true),
            3 => LZ4Stream.Encode(packed, leaveOpen: true),
            _ => new CompressionStream(packed, leaveOpen: true),
        })
            stream.Write(plain);
        return packed.ToArray();
    }

    private static Stream Reader(int codec, MemoryStream packed) => codec switch
    {
        1 => new GZipStream(packed, CompressionMode.Decompress),
        2 => new MemoryStream(Unsnap(packed.GetBuffer().AsSpan(0, (int)packed.Length))),
        3 => LZ4Stream.Decode(packed),
        4 => new DecompressionStream(packed),
        _ => throw new WireException($"codec {codec} is unknown"),
    };

    private static byte[] Unsnap(ReadOnlySpan<byte> packed)
    {
        if (!packed.StartsWith(SnappyFrame[..8]))
            return Bounded(packed, 0);
        using MemoryStream plain = new();
        for (packed = packed[SnappyFrameHeader..]; packed.Length > 0;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(packed);
            plain.Write(Bounded(packed.Slice(4, length), plain.Length));
            packed = packed[(4 + length)..];
        }
        return plain.ToArray();
    }

    private static byte[] Bounded(ReadOnlySpan<byte> block, long before) =>
        Snappy.GetUncompressedLength(block) + before <= MostExpanded ? Snappy.DecompressToArray(block) : throw TooLarge();

    private static byte[] Larger(byte[] full)
    {
        if (full.Length >= MostExpanded)
        {
            ArrayPool<byte>.Shared.Return(full);
            throw TooLarge();
        }
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(full.Length * 2, MostExpanded));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }

    private static WireException TooLarge() => new($"a batch expands to more than {MostExpanded} bytes");
}
