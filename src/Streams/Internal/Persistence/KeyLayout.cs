using System.Buffers;

namespace Assay.Streams.Internal.Persistence;

/// <summary>Lays a store's keys out so that the order of their bytes is the store's order.</summary>
/// <remarks>
/// A key as its serde writes it is the user's key, before it perhaps a prefix of fixed length that begins with a time, or after it a suffix that begins with one or two, big-endian.
/// The user's key is laid out by what it is:
/// <list type="bullet">
/// <item>UTF-8 text: the bytes that begin characters from U+E000 to U+FFFF change places with those of characters beyond, which makes UTF-16's order of it, that of ordinal comparison.</item>
/// <item>Big-endian integers and times: the sign is turned, so that negative ones come first.</item>
/// <item>Other bytes are their own order.</item>
/// </list>
/// Before a suffix each zero byte is followed by 0xFF and the key ends with 0, 1: so a key comes before those that begin with it, suffix or no suffix.
/// </remarks>
internal sealed class KeyLayout
{
    private const byte Escaped = 0xFF;
    private const byte End = 0x01;
    private readonly Kind _kind;
    private readonly int _prefix;
    private readonly int _suffix;

    private KeyLayout(Kind kind, int prefix, int suffix)
    {
        _kind = kind;
        _prefix = prefix;
        _suffix = suffix;
    }

    private enum Kind
    {
        Bytes,
        Text,
        Integer,
    }

    /// <param name="serde">Of the user's key.</param>
    /// <param name="prefix">How many bytes stand before it in the store's key.</param>
    /// <param name="suffix">How many bytes follow it.</param>
    public static KeyLayout Of<TKey>(ISerde<TKey> serde, int prefix = 0, int suffix = 0) => new(
        ReferenceEquals(serde, Serdes.String) ? Kind.Text : ReferenceEquals(serde, Serdes.Long) || ReferenceEquals(serde, Serdes.Integer) ? Kind.Integer : Kind.Bytes, prefix, suffix);

    /// <summary>Appends the laid out form of a key that its serde has written.</summary>
    public void Encode(ReadOnlySpan<byte> key, IBufferWriter<byte> to)
    {
        int length = key.Length - _suffix;
        for (int i = 0; i < _prefix; i++)
            Write(to, i == 0 ? (byte)(key[i] ^ 0x80) : key[i]);
        for (int i = _prefix; i < length; i++)
        {
            byte value = _kind switch
            {
                Kind.Text => key[i] switch { 0xEE => 0xF5, 0xEF => 0xF6, byte other => other },
                Kind.Integer when i == _prefix => (byte)(key[i] ^ 0x80),
                _ => key[i],
            };
            Write(to, value);
            if (value == 0 && _suffix > 0)
                Write(to, Escaped);
        }
        if (_suffix == 0)
            return;
        Write(to, 0);
        Write(to, End);
        for (int i = 0; i < _suffix; i++)
            Write(to, IsSign(i) ? (byte)(key[length + i] ^ 0x80) : key[length + i]);
    }

    /// <summary>Appends a key as its serde wrote it.</summary>
    public void Decode(ReadOnlySpan<byte> laidOut, IBufferWriter<byte> to)
    {
        int length = laidOut.Length - _suffix - (_suffix > 0 ? 2 : 0);
        bool first = true;
        for (int i = 0; i < _prefix; i++)
            Write(to, i == 0 ? (byte)(laidOut[i] ^ 0x80) : laidOut[i]);
        for (int i = _prefix; i < length; i++)
        {
            byte value = laidOut[i];
            if (value == 0 && _suffix > 0)
                i++;
            Write(to, _kind switch
            {
                Kind.Text => value switch { 0xF5 => 0xEE, 0xF6 => 0xEF, _ => value },
                Kind.Integer when first => (byte)(value ^ 0x80),
                _ => value,
            });
            first = false;
        }
        ReadOnlySpan<byte> suffix = laidOut[^_suffix..];
        for (int i = 0; i < _suffix; i++)
            Write(to, IsSign(i) ? (byte)(suffix[i] ^ 0x80) : suffix[i]);
    }

    private bool IsSign(int index) => index % sizeof(long) == 0 && index + sizeof(long) <= _suffix;

    private static void Write(IBufferWriter<byte> to, byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }
}
