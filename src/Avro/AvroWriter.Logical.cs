using System.Buffers.Binary;
using System.Globalization;
using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Logical types (specification, "Logical Types").</summary>
public ref partial struct AvroWriter
{
    /// <summary>A decimal on bytes.</summary>
    /// <exception cref="AvroException">The value has more digits than <paramref name="precision"/> or more decimal places than <paramref name="scale"/>.</exception>
    public void WriteDecimal(decimal value, int precision, int scale)
    {
        Int128 unscaled = Unscaled(value, precision, scale);
        int size = AvroDecimal.Size(unscaled);
        WriteLong(size);
        WriteBigEndian(unscaled, size);
    }

    /// <summary>A decimal on a fixed of <paramref name="size"/> bytes.</summary>
    /// <inheritdoc cref="WriteDecimal(decimal, int, int)"/>
    public void WriteDecimal(decimal value, int size, int precision, int scale)
    {
        Int128 unscaled = Unscaled(value, precision, scale);
        if (AvroDecimal.Size(unscaled) > size)
            throw new AvroException($"The number {value.ToString(CultureInfo.InvariantCulture)} needs more than the {size} bytes its schema gives it.");
        WriteBigEndian(unscaled, size);
    }

    /// <summary>A uuid on a string.</summary>
    public void WriteUuid(Guid value)
    {
        const int length = 36;
        WriteLong(length);
        value.TryFormat(Reserve(length), out _, "D");
    }

    /// <summary>A uuid on a fixed of 16 bytes, in network order.</summary>
    public void WriteUuidFixed(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    public void WriteDate(DateOnly value) => WriteInt(value.DayNumber - AvroTime.EpochDay);

    /// <summary>Parts of a millisecond are dropped.</summary>
    public void WriteTimeMillis(TimeOnly value) => WriteLong(value.Ticks / TimeSpan.TicksPerMillisecond);

    /// <summary>Parts of a microsecond are dropped.</summary>
    public void WriteTimeMicros(TimeOnly value) => WriteLong(value.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Parts of a millisecond are dropped.</summary>
    /// <exception cref="AvroException">The time is not marked as UTC.</exception>
    public void WriteTimestampMillis(DateTime value) => WriteTimestamp(value, TimeSpan.TicksPerMillisecond);

    /// <summary>Parts of a microsecond are dropped.</summary>
    /// <exception cref="AvroException">The time is not marked as UTC.</exception>
    public void WriteTimestampMicros(DateTime value) => WriteTimestamp(value, TimeSpan.TicksPerMicrosecond);

    /// <summary>The wall clock's reading, whatever the kind; parts of a millisecond are dropped.</summary>
    public void WriteLocalTimestampMillis(DateTime value) => WriteLong(AvroTime.Write(value, TimeSpan.TicksPerMillisecond));

    /// <summary>The wall clock's reading, whatever the kind; parts of a microsecond are dropped.</summary>
    public void WriteLocalTimestampMicros(DateTime value) => WriteLong(AvroTime.Write(value, TimeSpan.TicksPerMicrosecond));

    private void WriteTimestamp(DateTime value, long ticksPerUnit)
    {
        if (value.Kind != DateTimeKind.Utc)
            throw new AvroException($"The time {value:O} is of the kind {value.Kind}; a timestamp is written from UTC only.");
        WriteLong(AvroTime.Write(value, ticksPerUnit));
    }

    private static Int128 Unscaled(decimal value, int precision, int scale) =>
        AvroDecimal.TryWrite(value, precision, scale, out Int128 unscaled)
            ? unscaled
            : throw new AvroException(
                $"The number {value.ToString(CultureInfo.InvariantCulture)} does not fit a decimal of {precision} digits, {scale} of them after the point.");

    private void WriteBigEndian(Int128 value, int size)
    {
        Span<byte> bytes = stackalloc byte[AvroDecimal.MaximumSize];
        BinaryPrimitives.WriteInt128BigEndian(bytes, value);
        Span<byte> target = Reserve(size);
        int surplus = size - AvroDecimal.MaximumSize;
        if (surplus > 0)
        {
            target[..surplus].Fill(Int128.IsNegative(value) ? (byte)0xFF : (byte)0);
            target = target[surplus..];
            surplus = 0;
        }
        bytes[-surplus..].CopyTo(target);
    }
}
