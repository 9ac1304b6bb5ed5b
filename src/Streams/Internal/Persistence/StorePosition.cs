using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Assay.Streams.Internal.Persistence;

/// <summary>How far into its changelog a store is: kept in its database, under a key before all entries.</summary>
/// <param name="Next">All committed records below this offset are in the store.</param>
/// <param name="WrittenAt">When nothing below was missing.</param>
/// <param name="ChangelogId">Of the topic: one that was deleted and made again has another.</param>
internal sealed record StorePosition(long Next, DateTimeOffset WrittenAt, string ChangelogId)
{
    /// <summary>An older one is not used: compaction takes deletions off a changelog after a day, and the store would keep what they deleted.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);

    /// <summary>A commit without changes writes it again after this time.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(10);

    private static readonly byte[] DatabaseKey = [0];

    /// <summary>Null in an empty database.</summary>
    public static StorePosition? Read(IStoreDatabase database)
    {
        ArrayBufferWriter<byte> value = new();
        if (!database.TryGet(DatabaseKey, value))
            return null;
        ReadOnlySpan<byte> bytes = value.WrittenSpan;
        if (bytes.Length < 2 * sizeof(long))
            throw new StoreEngineException($"its position has {bytes.Length} bytes", corrupt: true);
        return new StorePosition(
            BinaryPrimitives.ReadInt64BigEndian(bytes), DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(long)..])),
            Encoding.UTF8.GetString(bytes[(2 * sizeof(long))..]));
    }

    public void Write(IStoreBatch batch)
    {
        byte[] id = Encoding.UTF8.GetBytes(ChangelogId);
        byte[] bytes = new byte[2 * sizeof(long) + id.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Next);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(sizeof(long)), WrittenAt.ToUnixTimeMilliseconds());
        id.CopyTo(bytes, 2 * sizeof(long));
        batch.Put(DatabaseKey, bytes);
    }
}
