namespace Assay.Avro.Internal;

/// <summary>Timestamps as multiples of a unit since 1970-01-01T00:00.</summary>
internal static class AvroTime
{
    public static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    public static bool TryRead(long value, long ticksPerUnit, DateTimeKind kind, out DateTime time)
    {
        long least = -DateTime.UnixEpoch.Ticks / ticksPerUnit;
        long most = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / ticksPerUnit;
        if (value < least || value > most)
        {
            time = default;
            return false;
        }
        time = new DateTime(DateTime.UnixEpoch.Ticks + (value * ticksPerUnit), kind);
        return true;
    }

    /// <summary>Whole units, rounded towards the past.</summary>
    public static long Write(DateTime time, long ticksPerUnit) =>
        // From the year 1 on the dividend is positive, so that division rounds towards the past.
        (time.Ticks / ticksPerUnit) - (DateTime.UnixEpoch.Ticks / ticksPerUnit);
}
