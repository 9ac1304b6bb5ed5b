using System.Buffers.Binary;
using System.Numerics;

namespace Assay.Avro.Internal;

/// <summary>Between C#'s decimal (96 bits, at most 28 places) and Avro's (any number of big-endian two's complement bytes, a scale from the schema).</summary>
internal static class AvroDecimal
{
    /// <summary>The most bytes <see cref="TryWrite"/> needs.</summary>
    public const int MaximumSize = 16;

    private const int MaximumScale = 28;

    /// <summary>Of two, and 10^8 has fewer than 32 bits.</summary>
    private const int LargestPower = 8;

    private static readonly UInt128 MaximumMagnitude = (UInt128.One << 96) - 1;

    private static readonly Int128[] PowersOfTen = MakePowers();

    /// <summary>The number in its shortest form; false where it does not fit exactly.</summary>
    public static bool TryRead(ReadOnlySpan<byte> unscaled, int scale, out decimal value)
    {
        value = 0;
        if (unscaled.IsEmpty)
            return false;
        bool negative = unscaled[0] >= 0x80;
        byte sign = negative ? (byte)0xFF : (byte)0;
        while (unscaled.Length > MaximumSize && unscaled[0] == sign)
            unscaled = unscaled[1..];
        if (unscaled.Length > MaximumSize)
            return false;
        Int128 signed = unscaled.Length <= sizeof(long)
            ? SignExtended(unscaled)
            : new Int128((ulong)SignExtended(unscaled[..^sizeof(long)]), BinaryPrimitives.ReadUInt64BigEndian(unscaled[^sizeof(long)..]));
        // Modulo 2^128, so that it is right also where the sign has only now been cut off.
        UInt128 magnitude = negative ? (UInt128)(-(signed + 1)) + 1 : (UInt128)signed;
        Shorten(ref magnitude, ref scale);
        if (magnitude > MaximumMagnitude || scale > MaximumScale)
            return false;
        ulong low = (ulong)magnitude;
        value = new decimal((int)low, (int)(low >> 32), (int)(uint)(ulong)(magnitude >> 64), negative, (byte)scale);
        return true;
    }

    /// <summary>The unscaled number; false where the value has more decimal places than the scale, or more digits than the precision.</summary>
    public static bool TryWrite(decimal value, int precision, int scale, out Int128 unscaled)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        UInt128 magnitude = new((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        int places = (parts[3] >> 16) & 0xFF;
        unscaled = (Int128)magnitude;
        if (places > scale)
        {
            (unscaled, Int128 rest) = Int128.DivRem(unscaled, PowersOfTen[places - scale]);
            if (rest != 0)
                return false;
        }
        else if (scale > places && magnitude != 0)
        {
            int power = scale - places;
            if (power >= PowersOfTen.Length || unscaled > Int128.MaxValue / PowersOfTen[power])
                return false;
            unscaled *= PowersOfTen[power];
        }
        if (precision < PowersOfTen.Length && unscaled >= PowersOfTen[precision])
            return false;
        if (decimal.IsNegative(value))
            unscaled = -unscaled;
        return true;
    }

    /// <summary>The fewest bytes that hold the number, at least one.</summary>
    public static int Size(Int128 unscaled)
    {
        UInt128 bits = (UInt128)(Int128.IsNegative(unscaled) ? ~unscaled : unscaled);
        return ((128 - (int)UInt128.LeadingZeroCount(bits)) / 8) + 1;
    }

    private static long SignExtended(ReadOnlySpan<byte> bigEndian)
    {
        long value = (sbyte)bigEndian[0];
        for (int i = 1; i < bigEndian.Length; i++)
            value = (value << 8) | bigEndian[i];
        return value;
    }

    /// <summary>Takes away zeros at the end of the fraction, by powers of ten that halve.</summary>
    private static void Shorten(ref UInt128 magnitude, ref int scale)
    {
        if (magnitude == 0)
        {
            scale = 0;
            return;
        }
        ulong high = (ulong)(magnitude >> 64), low = (ulong)magnitude;
        for (int power = LargestPower; power > 0 && scale > 0; power >>= 1)
        {
            // A multiple of 10^n has n zero bits at its end, so that most attempts cost no division.
            while (power <= scale && TrailingZeros(high, low) >= power && TryDivide(ref high, ref low, (uint)PowersOfTen[power]))
                scale -= power;
        }
        magnitude = new UInt128(high, low);
    }

    private static int TrailingZeros(ulong high, ulong low) => low != 0 ? BitOperations.TrailingZeroCount(low) : 64 + BitOperations.TrailingZeroCount(high);

    /// <summary>Divides where nothing remains. By hand, in pieces of 32 bits: a third of the time of UInt128's division.</summary>
    private static bool TryDivide(ref ulong high, ref ulong low, uint divisor)
    {
        (ulong quotientHigh, ulong rest) = high == 0 ? (0, 0) : Math.DivRem(high, divisor);
        (ulong upper, rest) = Math.DivRem((rest << 32) | (low >> 32), divisor);
        (ulong lower, rest) = Math.DivRem((rest << 32) | (uint)low, divisor);
        if (rest != 0)
            return false;
        (high, low) = (quotientHigh, (upper << 32) | lower);
        return true;
    }

    private static Int128[] MakePowers()
    {
        // 10^38 is the last that 127 bits hold.
        Int128[] powers = new Int128[39];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
