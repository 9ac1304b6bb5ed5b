using Assay.Avro.Internal;

namespace Assay.Avro;

/// <summary>Logical types (specification, "Logical Types").</summary>
public ref partial struct AvroReader
{
    /// <summary>A decimal on bytes, in its shortest form (no zeros at the end of the fraction).</summary>
    /// <exception cref="AvroException">C#'s decimal cannot hold the number exactly.</exception>
    public decimal ReadDecimal(int scale) => ToDecimal(ReadBytes(), scale);

    /// <inheritdoc cref="ReadDecimal(int)"/>
    public decimal ReadDecimal(int size, int scale) => ToDecimal(Take(size), scale);

    /// <summary>A uuid on a string.</summary>
    public Guid ReadUuid()
    {
        ReadOnlySpan<byte> utf8 = ReadBytes();
        return Guid.TryParseExact(DecodeText(utf8), "D", out Guid value)
            ? value
            : throw new AvroException(_position - utf8.Length, "a string is not a UUID");
    }

    /// <summary>A uuid on a fixed of 16 bytes, in network order.</summary>
    public Guid ReadUuidFixed() => new(Take(16), bigEndian: true);

    public DateOnly ReadDate()
    {
        int start = _position;
        long days = AvroTime.EpochDay + (long)ReadInt();
        return days >= 0 && days <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)days)
            : throw new AvroException(start, "a date lies outside the years 1 to 9999");
    }

    public TimeOnly ReadTimeMillis() => ToTime(ReadInt(), TimeSpan.TicksPerMillisecond);

    public TimeOnly ReadTimeMicros() => ToTime(ReadLong(), TimeSpan.TicksPerMicrosecond);

    /// <summary>UTC.</summary>
    public DateTime ReadTimestampMillis() => ToTimestamp(ReadLong(), TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);

    /// <summary>UTC.</summary>
    public DateTime ReadTimestampMicros() => ToTimestamp(ReadLong(), TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    /// <summary>In no particular time zone.</summary>
    public DateTime ReadLocalTimestampMillis() => ToTimestamp(ReadLong(), TimeSpan.TicksPerMillisecond, DateTimeKind.Unspecified);

    /// <summary>In no particular time zone.</summary>
    public DateTime ReadLocalTimestampMicros() => ToTimestamp(ReadLong(), TimeSpan.TicksPerMicrosecond, DateTimeKind.Unspecified);

    private readonly decimal ToDecimal(ReadOnlySpan<byte> unscaled, int scale) =>
        AvroDecimal.TryRead(unscaled, scale, out decimal value)
            ? value
            : throw new AvroException(_position - unscaled.Length, $"a decimal of {unscaled.Length} bytes with {scale} decimal places does not fit C#'s decimal exactly");

    private readonly TimeOnly ToTime(long value, long ticksPerUnit) =>
        value >= 0 && value < TimeSpan.TicksPerDay / ticksPerUnit
            ? new TimeOnly(value * ticksPerUnit)
            : throw new AvroException(Math.Max(0, _position - 1), $"the time of day {value} lies outside a day");

    private readonly DateTime ToTimestamp(long value, long ticksPerUnit, DateTimeKind kind) =>
        AvroTime.TryRead(value, ticksPerUnit, kind, out DateTime time)
            ? time
            : throw new AvroException(Math.Max(0, _position - 1), $"the timestamp {value} lies outside the years 1 to 9999");
}
