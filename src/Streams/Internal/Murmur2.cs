using System.Buffers.Binary;

namespace Assay.Streams.Internal;

/// <summary>MurmurHash 2 with the seed of Java's producer, which chooses the partition of a record by its key.</summary>
internal static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & int.MaxValue) % partitions;

    public static uint Hash(ReadOnlySpan<byte> data)
    {
        uint hash = Seed ^ (uint)data.Length;
        ReadOnlySpan<byte> rest = data;
        for (; rest.Length >= sizeof(uint); rest = rest[sizeof(uint)..])
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(rest) * Multiplier;
            word ^= word >> 24;
            hash = (hash * Multiplier) ^ (word * Multiplier);
        }
        for (int i = rest.Length - 1; i >= 0; i--)
            hash ^= (uint)rest[i] << (8 * i);
        if (rest.Length > 0)
            hash *= Multiplier;
        hash ^= hash >> 13;
        hash *= Multiplier;
        return hash ^ (hash >> 15);
    }
}
