using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Assay.Schemas.Tests;

public sealed class AccuracyJsonTests
{
    // The example of semantics.md, on one line as in the topic.
    private static readonly string Example =
        """
        {"id":"eth-usd/window/1692308700000","pair":"ETH-USD","feed":"eth-usd","chain_id":1,"trigger":"window",
        "at":"2023-08-17T21:45:00.000Z","revision":0,"status":"ok","contract_price":1683.12,"round_id":"110680464442257314301",
        "answer_updated_at":"2023-08-17T21:41:11.000Z","answer_age_ms":229000,"average":1680.5,
        "window_start":"2023-08-17T21:44:00.000Z","window_end":"2023-08-17T21:45:00.000Z",
        "sources":{"coingecko":{"price":1680.1,"quotes":6,"age_ms":61000},"coinpaprika":{"price":1680.9,"quotes":2,"age_ms":null}},
        "dispersion_pct":0.047605,"deviation_pct":0.155906}
        """.ReplaceLineEndings("");

    private static readonly Accuracy Record = new()
    {
        Id = "eth-usd/window/1692308700000",
        Pair = "ETH-USD",
        Feed = "eth-usd",
        ChainId = 1,
        Trigger = AccuracyTrigger.Window,
        At = new DateTime(2023, 8, 17, 21, 45, 0, DateTimeKind.Utc),
        Revision = 0,
        Status = AccuracyStatus.Ok,
        ContractPrice = 1683.12m,
        RoundId = "110680464442257314301",
        AnswerUpdatedAt = new DateTime(2023, 8, 17, 21, 41, 11, DateTimeKind.Utc),
        AnswerAgeMs = 229_000,
        Average = 1680.5m,
        WindowStart = new DateTime(2023, 8, 17, 21, 44, 0, DateTimeKind.Utc),
        WindowEnd = new DateTime(2023, 8, 17, 21, 45, 0, DateTimeKind.Utc),
        Sources = [new("coingecko", new SourcePrice(1680.1m, 6, 61_000)), new("coinpaprika", new SourcePrice(1680.9m, 2, null))],
        DispersionPct = 0.047605m,
        DeviationPct = 0.155906m,
    };

    private static readonly Accuracy Retracted = new()
    {
        Id = "eth-usd/answer/7",
        Pair = "ETH-USD",
        Feed = "eth-usd",
        ChainId = 1,
        Trigger = AccuracyTrigger.Answer,
        At = Record.At,
        Revision = 3,
        Status = AccuracyStatus.Retracted,
    };

    [Fact]
    public void Record_is_written_as_the_contract_shows_it() => Assert.Equal(Example, Text(Record));

    [Fact]
    public void Retracted_record_has_nulls_where_it_has_no_figures() => Assert.Equal(
        """
        {"id":"eth-usd/answer/7","pair":"ETH-USD","feed":"eth-usd","chain_id":1,"trigger":"answer","at":"2023-08-17T21:45:00.000Z","revision":3,
        "status":"retracted","contract_price":null,"round_id":null,"answer_updated_at":null,"answer_age_ms":null,"average":null,"window_start":null,
        "window_end":null,"sources":null,"dispersion_pct":null,"deviation_pct":null}
        """.ReplaceLineEndings(""), Text(Retracted));

    [Fact]
    public void Retracted_record_is_read_back() => Assert.Equal(Text(Retracted), Text(Read(Text(Retracted))));

    [Theory]
    [InlineData("1680.500000000000000000", "1680.5")]
    [InlineData("100", "100")]
    [InlineData("100.00", "100")]
    [InlineData("-0.00", "0")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("-79228162514264337593543950335", "-79228162514264337593543950335")]
    [InlineData("-7.9228162514264337593543950335", "-7.9228162514264337593543950335")]
    public void Decimal_is_written_plainly_and_without_trailing_zeros(string value, string expected) =>
        Assert.Contains($"\"deviation_pct\":{expected}}}", Text(Record with { DeviationPct = decimal.Parse(value, CultureInfo.InvariantCulture) }));

    [Fact]
    public void Any_record_reads_back_as_it_was_written()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 2_000; round++)
        {
            Accuracy record = Any(random);
            Accuracy read = Read(Text(record));
            Assert.True(record with { Sources = [] } == read with { Sources = [] }, $"seed {seed}, round {round}: {Text(record)}");
            Assert.True(record.Sources.SequenceEqual(read.Sources), $"seed {seed}, round {round}: {Text(record)}");
        }
    }

    [Fact]
    public void Any_field_that_is_missing_is_named()
    {
        foreach (JsonProperty field in JsonDocument.Parse(Example).RootElement.EnumerateObject())
        {
            string without = Example.Replace($"\"{field.Name}\":{field.Value.GetRawText()},", "", StringComparison.Ordinal)
                .Replace($",\"{field.Name}\":{field.Value.GetRawText()}}}", "}", StringComparison.Ordinal);
            Assert.Equal($"An accuracy record lacks the field '{field.Name}'.", Assert.Throws<FormatException>(() => Read(without)).Message);
        }
    }

    [Theory]
    [InlineData("\"chain_id\":1", "\"chain_id\":1.5", "'chain_id' is not a whole number")]
    [InlineData("\"trigger\":\"window\"", "\"trigger\":\"Window\"", "'trigger' is neither window nor answer")]
    [InlineData("\"status\":\"ok\"", "\"status\":null", "'status' is not a string")]
    [InlineData("\"revision\":0", "\"revision\":-1", "'revision' is not a count")]
    [InlineData("\"revision\":0", "\"revision\":0,\"revision\":1", "'revision' stands there twice")]
    [InlineData("2023-08-17T21:45:00.000Z\",\"revision", "2023-08-17 21:45:00\",\"revision", "'at' is not a time")]
    [InlineData("\"average\":1680.5", "\"average\":\"1680.5\"", "'average' is not a decimal number")]
    [InlineData("\"average\":1680.5", "\"average\":1e40", "'average' is not a decimal number")]
    [InlineData("\"quotes\":6,", "", "'sources.coingecko' lacks")]
    [InlineData("\"pair\":\"ETH-USD\"", "\"pair\":\"\\ud800\"", "'pair' is not text")]
    public void Bad_field_is_named_with_what_is_wrong(string good, string bad, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Read(Example.Replace(good, bad, StringComparison.Ordinal))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"id\":")]
    [InlineData("{} {}")]
    [InlineData("\u0000\u0001")]
    public void What_is_no_record_is_refused(string text) => Assert.Throws<FormatException>(() => Read(text));

    [Fact]
    public void Field_of_a_newer_writer_is_skipped() =>
        Assert.Equal(Example, Text(Read(Example.Replace("\"revision\":0", "\"revision\":0,\"since\":{\"a\":[1,2]}", StringComparison.Ordinal))));

    private static string Text(Accuracy record)
    {
        ArrayBufferWriter<byte> output = new();
        AccuracyJson.Write(record, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static Accuracy Read(string text) => AccuracyJson.Read(Encoding.UTF8.GetBytes(text));

    private static Accuracy Any(Random random)
    {
        T? Maybe<T>(T value) where T : struct => random.Next(4) == 0 ? null : value;
        DateTime Time() => DateTime.UnixEpoch.AddMilliseconds(random.NextInt64(4_102_444_800_000));
        decimal Number() => new(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29));
        string Word() => string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => "aZ9-/\"\\\u0001é€😀<&+'".EnumerateRunes().ElementAt(random.Next(15))));
        return new Accuracy
        {
            Id = Word(),
            Pair = Word(),
            Feed = Word(),
            ChainId = random.NextInt64(),
            Trigger = (AccuracyTrigger)random.Next(2),
            At = Time(),
            Revision = random.Next(),
            Status = (AccuracyStatus)random.Next(4),
            ContractPrice = Maybe(Number()),
            RoundId = random.Next(4) == 0 ? null : Word(),
            AnswerUpdatedAt = Maybe(Time()),
            AnswerAgeMs = Maybe(random.NextInt64()),
            Average = Maybe(Number()),
            WindowStart = Maybe(Time()),
            WindowEnd = Maybe(Time()),
            Sources = [.. Enumerable.Range(0, random.Next(4)).Select(index => new KeyValuePair<string, SourcePrice>(
                index + Word(), new SourcePrice(Number(), random.Next(), Maybe(random.NextInt64()))))],
            DispersionPct = Maybe(Number()),
            DeviationPct = Maybe(Number()),
        };
    }
}
