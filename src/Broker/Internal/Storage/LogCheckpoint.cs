using System.Buffers.Binary;
using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Storage;

/// <summary>
/// Everything that reading a segment's first <see cref="Length"/> bytes would tell: its index, its aborted transactions, and the producers as they
/// stood behind it. Written beside a segment (<c>.checkpoint</c>, replaced by rename) when it is full and when the log is closed; so a segment that has
/// one as long as itself needs no recovery, and one that has none or a shorter one is read from there on.
/// File: "ASY2", CRC-32C of the rest, the fields.
/// </summary>
internal sealed class LogCheckpoint : IMessage
{
    private const short Version = 2;
    private const int Prefix = 8;

    public long Length;
    public long NextOffset;
    public long LargestTimestamp;
    public long FirstTimestamp;
    public bool HasGaps;
    public long CleanTo;
    public byte[] Index = [];
    public AbortedTransaction[] Aborted = [];
    public ProducerStates Producers = new();

    private static ReadOnlySpan<byte> Signature => "ASY2"u8;

    public static string PathOf(string folder, long baseOffset) => Path.Combine(folder, $"{baseOffset:D20}.checkpoint");

    public void Visit(Codec codec)
    {
        codec.Int64(ref Length);
        codec.Int64(ref NextOffset);
        codec.Int64(ref LargestTimestamp);
        codec.Int64(ref FirstTimestamp);
        codec.Bool(ref HasGaps);
        codec.Int64(ref CleanTo);
        codec.Bytes(ref Index);
        codec.Array(ref Aborted);
        Producers.Visit(codec);
        codec.Tags();
    }

    public void Save(string path)
    {
        byte[] body = WireWriter.ToArray(this, Version, flexible: true);
        byte[] prefix = new byte[Prefix];
        Signature.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(Signature.Length), BatchHeader.Crc32C(body));
        string temporary = path + ".new";
        File.WriteAllBytes(temporary, [.. prefix, .. body]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The checkpoint, or null where there is none that is whole: recovery then reads the segment itself.</summary>
    public static LogCheckpoint? TryLoad(string path)
    {
        if (!File.Exists(path))
            return null;
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < Prefix || !bytes.AsSpan().StartsWith(Signature) || BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(Signature.Length)) != BatchHeader.Crc32C(bytes.AsSpan(Prefix)))
            return null;
        try
        {
            return WireReader.Read<LogCheckpoint>(bytes.AsMemory(Prefix), Version, flexible: true);
        }
        catch (WireException)
        {
            return null;
        }
    }
}
