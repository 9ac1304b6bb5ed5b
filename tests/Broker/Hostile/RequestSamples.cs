using System.Buffers.Binary;
using System.Reflection;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Storage;
using Assay.Broker.Internal.Wire;
using Assay.Broker.Tests.Support;

namespace Assay.Broker.Tests.Hostile;

/// <summary>Requests of every key and version as clients send them, about a few topics, groups and transactional ids of their own.</summary>
internal static class RequestSamples
{
    private const int Small = 4;

    private static readonly (RequestHandler Handler, Type Type)[] Kinds =
        [.. RequestTable.All.Select(handler => (handler, typeof(IMessage).Assembly.GetType($"Assay.Broker.Internal.Messages.{handler.Name}Request", throwOnError: true)!))];

    private static readonly (RequestHandler Handler, Type Type)[] Opening = [.. Kinds.Where(kind => kind.Handler.Key is 17 or 18 or 36)];

    /// <summary>A frame, its length in front.</summary>
    /// <param name="opening">Mostly what a client asks before it is authenticated.</param>
    public static byte[] Next(Random random, bool opening)
    {
        (RequestHandler Handler, Type Type)[] kinds = opening && random.Next(4) > 0 ? Opening : Kinds;
        (RequestHandler handler, Type type) = kinds[random.Next(kinds.Length)];
        short version = (short)random.Next(handler.Lowest, handler.Highest + 1);
        bool flexible = handler.IsFlexible(version);
        byte[] body = WireWriter.ToArray((IMessage)Fill(type, random, 0), version, flexible);
        byte[] frame = new byte[4 + 10 + 4 + (flexible ? 1 : 0) + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), handler.Key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), random.Next());
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), 4);
        "fuzz"u8.CopyTo(frame.AsSpan(14));
        body.CopyTo(frame.AsSpan(frame.Length - body.Length));
        return frame;
    }

    private static object Fill(Type type, Random random, int depth)
    {
        object message = Activator.CreateInstance(type)!;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
            field.SetValue(message, Value(field.Name, field.FieldType, random, depth));
        return message;
    }

    private static object? Value(string name, Type type, Random random, int depth)
    {
        if (type.IsArray && type != typeof(byte[]))
        {
            Type item = type.GetElementType()!;
            Array array = Array.CreateInstance(item, random.Next(depth > 2 ? 2 : Small));
            for (int index = 0; index < array.Length; index++)
                array.SetValue(Value(name, item, random, depth + 1), index);
            return array;
        }
        return type switch
        {
            _ when type == typeof(string) => Text(name, random),
            _ when type == typeof(byte[]) => Bytes(random, random.Next(60)),
            _ when type == typeof(ReadOnlyMemory<byte>?) => (ReadOnlyMemory<byte>?)Batch(random),
            _ when type == typeof(bool) => random.Next(2) == 1,
            _ when type == typeof(sbyte) => (sbyte)random.Next(-1, Small),
            _ when type == typeof(short) => (short)random.Next(-1, Small),
            _ when type == typeof(int) => Number(name, random),
            _ when type == typeof(long) => (long)random.Next(-2, 100),
            _ when type == typeof(Guid) => Guid.NewGuid(),
            _ when type == typeof(KafkaError) => KafkaError.None,
            _ => Fill(type, random, depth + 1),
        };
    }

    private static string? Text(string name, Random random) => random.Next(8) switch
    {
        0 => "",
        1 when name is not ("Name" or "Topic") => null,
        _ when name.Contains("Group", StringComparison.Ordinal) || name is "Key" => $"fuzz-group-{random.Next(Small)}",
        _ when name.Contains("Transactional", StringComparison.Ordinal) => $"fuzz-transaction-{random.Next(Small)}",
        _ when name.Contains("Protocol", StringComparison.Ordinal) => "consumer",
        _ when name.Contains("Mechanism", StringComparison.Ordinal) => "SCRAM-SHA-512",
        _ => $"fuzz-{random.Next(Small)}",
    };

    private static int Number(string name, Random random) => name switch
    {
        "SessionTimeoutMs" => 6_000,
        "RebalanceTimeoutMs" => random.Next(2) == 0 ? 100 : int.MaxValue,
        _ when name.EndsWith("Ms", StringComparison.Ordinal) => random.Next(5),
        _ when name.EndsWith("Bytes", StringComparison.Ordinal) => random.Next(3) switch { 0 => 0, 1 => 1024 * 1024, _ => int.MaxValue },
        _ => random.Next(-1, Small),
    };

    /// <summary>A batch with a CRC that holds: sound, about a bomb's compressed data, or with damage that only its reader would find.</summary>
    private static byte[] Batch(Random random)
    {
        byte[] batch = random.Next(3) == 0
            ? Batches.Of(random.Next(Small), (short)random.Next(2), random.Next(Small), records: 1 + random.Next(Small), transactional: random.Next(2) == 0)
            : Batches.Plain(1 + random.Next(Small), timestamp: random.Next(5_000), valueSize: random.Next(100));
        // The codec's bits; what follows is then no such data, or data that would grow a thousandfold: 10 MB of zeros in gzip.
        if (random.Next(3) == 0)
            batch[22] = (byte)(batch[22] & ~7 | random.Next(8));
        if (random.Next(20) == 0)
            batch = [.. batch.AsSpan(0, BatchHeader.Bytes), .. Bomb];
        if (random.Next(2) == 0)
            batch[random.Next(21, batch.Length)] = (byte)random.Next(256);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - BatchHeader.Prefix);
        BatchHeader.WriteCrc(batch);
        return batch;
    }

    private static readonly byte[] Bomb = MakeBomb();

    private static byte[] MakeBomb()
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.GZipStream gzip = new(packed, System.IO.Compression.CompressionLevel.SmallestSize))
            gzip.Write(new byte[10 * 1024 * 1024]);
        return packed.ToArray();
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
