using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Assay.Topology.Internal.State;

/// <summary>Writes the changelog's plain binary form: variable-length integers (seven bits a byte, low first), text behind its length.</summary>
internal readonly ref struct StateWriter(IBufferWriter<byte> output)
{
    private const int LongestVarint = 10;
    private const int WideBytes = 16;

    public void Unsigned(ulong value)
    {
        Span<byte> bytes = output.GetSpan(LongestVarint);
        int length = 0;
        for (; value > 0x7F; value >>= 7)
            bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        output.Advance(length);
    }

    /// <summary>Zigzag: small negative numbers stay short.</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Text(string value)
    {
        Unsigned((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, output);
    }

    public void Wide(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(output.GetSpan(WideBytes), value);
        output.Advance(WideBytes);
    }

    public void Decimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (int part in parts)
            Unsigned((uint)part);
    }
}

/// <summary>Reads what <see cref="StateWriter"/> wrote.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private const int WideBytes = 16;

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next <= 0x7F)
                return value;
        }
    }

    public int Count() => checked((int)Unsigned());

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public UInt128 Wide() => BinaryPrimitives.ReadUInt128LittleEndian(Take(WideBytes));

    public decimal Decimal()
    {
        Span<int> parts = stackalloc int[4];
        foreach (ref int part in parts)
            part = (int)Unsigned();
        return new decimal(parts);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new FormatException("A changelog record of the accuracy state ends too early: it was written by another program or version.");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
