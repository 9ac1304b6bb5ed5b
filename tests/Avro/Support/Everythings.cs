namespace Assay.Avro.Tests.Support;

/// <summary>A record with a value of every type.</summary>
internal static class Everythings
{
    public static Everything Leaf { get; } = new()
    {
        Nothing = null,
        Flag = true,
        SmallNumber = -12,
        LargeNumber = long.MinValue,
        Single = 1.5f,
        Real = -2.25,
        Blob = new byte[] { 1, 2, 3 },
        Text = "naïve 🦀",
        Suit = Suit.ClubSuit,
        Digest = new byte[] { 0xDE, 0xAD, 0xBE, 0xEF },
        Amount = -123456.7891m,
        FixedAmount = 0.01m,
        Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        FixedId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Day = new DateOnly(1969, 12, 31),
        TimeMillis = new TimeOnly(23, 59, 59, 999),
        TimeMicros = new TimeOnly(1, 2, 3, 4, 5),
        AtMillis = new DateTime(2023, 8, 17, 21, 41, 11, 123, DateTimeKind.Utc),
        AtMicros = new DateTime(1950, 1, 2, 3, 4, 5, 6, 7, DateTimeKind.Utc),
        LocalMillis = new DateTime(1, 1, 1),
        LocalMicros = new DateTime(9999, 12, 31, 23, 59, 59, 999, 999),
        Tags = ["a", "", "c"],
        Scores = new Dictionary<string, double> { ["x"] = 1, ["y"] = double.NaN },
        MaybeText = "some",
        MaybeNumber = null,
        Only = 7,
        Choice = new Everything.ChoiceValue.Point(new Point { X = 3 }),
        Choices = [new Everything.ChoicesItemValue.Boolean(true), new Everything.ChoicesItemValue.Point(new Point { X = 1, Y = 2 })],
        Sparse = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>?>?> { ["none"] = null, ["some"] = [new byte[] { 9 }, null] },
        Grid = [[1, 2], [], [3]],
        Children = [],
        Next = new Link { Value = 1, Next = new Link { Value = 2, Next = null } },
        SchemaValue = "schema",
        EverythingValue = 1,
        Class = 2,
    };

    public static Everything Tree { get; } = Leaf with { Children = [Leaf, Leaf with { Children = [Leaf], Choice = null }] };
}
