using System.Text.Json;
using Assay.Ingest.Apis.Internal;

namespace Assay.Ingest.Apis;

public sealed class QuotedTimeTests
{
    [Theory]
    [InlineData("1692308700", "2023-08-17T21:45:00.000Z")]
    [InlineData("1692308700.1239", "2023-08-17T21:45:00.123Z")]
    [InlineData("1692308700123", "2023-08-17T21:45:00.123Z")]
    [InlineData("\"1692308700\"", "2023-08-17T21:45:00.000Z")]
    [InlineData("1.6923087e9", "2023-08-17T21:45:00.000Z")]
    [InlineData("99999999999", "5138-11-16T09:46:39.000Z")]
    [InlineData("100000000000", "1973-03-03T09:46:40.000Z")]
    [InlineData("0", "1970-01-01T00:00:00.000Z")]
    [InlineData("\"2023-08-17T21:45:00Z\"", "2023-08-17T21:45:00.000Z")]
    [InlineData("\"2023-08-17T21:45:00.123456789Z\"", "2023-08-17T21:45:00.123Z")]
    [InlineData("\"2023-08-17T23:45:00.5+02:00\"", "2023-08-17T21:45:00.500Z")]
    [InlineData("\"2023-08-17 21:45:00\"", "2023-08-17T21:45:00.000Z")]
    public void Time_is_read_to_the_millisecond(string json, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        DateTime? time = QuotedTime.Parse(document.RootElement);
        Assert.Equal(DateTimeKind.Utc, time?.Kind);
        Assert.Equal(expected, time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("-1")]
    [InlineData("1692308700123456")]
    [InlineData("1e40")]
    [InlineData("\"\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"08/17/2023 21:45:00\"")]
    [InlineData("\"2023-02-30T00:00:00Z\"")]
    [InlineData("\"2023-08-17\"")]
    public void What_is_no_time_is_none(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Null(QuotedTime.Parse(document.RootElement));
    }
}
