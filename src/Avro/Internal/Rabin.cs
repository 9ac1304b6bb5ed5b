namespace Assay.Avro.Internal;

/// <summary>CRC-64-AVRO (specification, "Schema Fingerprints").</summary>
internal static class Rabin
{
    private const ulong Empty = 0xc15d213aa4d7a795;

    private static readonly ulong[] Table = MakeTable();

    public static ulong Hash(ReadOnlySpan<byte> data)
    {
        ulong hash = Empty;
        foreach (byte b in data)
            hash = (hash >> 8) ^ Table[(byte)hash ^ b];
        return hash;
    }

    private static ulong[] MakeTable()
    {
        ulong[] table = new ulong[256];
        for (int i = 0; i < table.Length; i++)
        {
            ulong value = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
                value = (value >> 1) ^ (Empty & (0 - (value & 1)));
            table[i] = value;
        }
        return table;
    }
}
