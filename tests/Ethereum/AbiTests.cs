using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Assay.Ethereum.Tests;

public sealed class AbiTests
{
    private const string Word = "0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("168450000000")]
    [InlineData("57896044618658097711785492504343953926634992332820282019728792003956564819967")]
    [InlineData("-57896044618658097711785492504343953926634992332820282019728792003956564819968")]
    public void Int256_reads_what_was_written(string number)
    {
        BigInteger value = BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        byte[] word = new byte[32];
        AbiData.Write(value, word);
        Assert.Equal(value, new AbiData(word, "It").Int256(0));
    }

    [Fact]
    public void Log_of_a_negative_answer_decodes()
    {
        AnswerUpdated answer = AnswerUpdated.Decode(LogEntry.Parse(Log()));
        Assert.Equal(new AnswerUpdated(-5, 2, 1_692_308_471), answer);
    }

    [Theory]
    [InlineData("topics", "[]", "is no AnswerUpdated")]
    [InlineData("data", "\"0x\"", "too short")]
    [InlineData("data", "\"0xzz\"", "not hexadecimal")]
    [InlineData("data", "\"0x123\"", "not hexadecimal")]
    public void Log_that_is_no_answer_gives_one_clear_error(string field, string value, string expected)
    {
        JsonObject log = JsonNode.Parse(Log().GetRawText())!.AsObject();
        log[field] = JsonNode.Parse(value);
        LogEntry entry = LogEntry.Parse(JsonSerializer.SerializeToElement(log));
        EthereumException failure = Assert.Throws<EthereumException>(() => AnswerUpdated.Decode(entry));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("address", "\"0x12\"")]
    [InlineData("address", "null")]
    [InlineData("topics", "\"0x\"")]
    [InlineData("topics", "[1]")]
    [InlineData("data", "17")]
    [InlineData("blockNumber", "null")]
    [InlineData("blockNumber", "\"0xffffffffffffffff\"")]
    [InlineData("blockHash", "\"0xzz4c129dc421e1f5183c63a274e0794f31733bd3ed4d8c6efb843f9d5b0d2cc1\"")]
    [InlineData("logIndex", "\"0x100000000\"")]
    [InlineData("transactionIndex", "{}")]
    public void Log_with_a_bad_field_gives_an_error_that_names_it(string field, string value)
    {
        JsonObject log = JsonNode.Parse(Log().GetRawText())!.AsObject();
        log[field] = JsonNode.Parse(value);
        EthereumException failure = Assert.Throws<EthereumException>(() => LogEntry.Parse(JsonSerializer.SerializeToElement(log)));
        Assert.Contains(field.TrimEnd('s'), failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("address")]
    [InlineData("topics")]
    [InlineData("data")]
    [InlineData("blockNumber")]
    [InlineData("blockHash")]
    [InlineData("transactionHash")]
    [InlineData("transactionIndex")]
    [InlineData("logIndex")]
    public void Log_without_a_field_gives_an_error_that_names_it(string field)
    {
        JsonObject log = JsonNode.Parse(Log().GetRawText())!.AsObject();
        log.Remove(field);
        EthereumException failure = Assert.Throws<EthereumException>(() => LogEntry.Parse(JsonSerializer.SerializeToElement(log)));
        Assert.Contains(field, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_reads_a_string_behind_its_offset()
    {
        byte[] text = Encoding.UTF8.GetBytes("ETH / USD");
        byte[] data = new byte[96];
        AbiData.Write(32, data.AsSpan(0, 32));
        AbiData.Write(text.Length, data.AsSpan(32, 32));
        text.CopyTo(data, 64);
        Assert.Equal("ETH / USD", new AbiData(data, "It").Text(0));
    }

    /// <summary>Offsets and lengths beyond the data, up to 2^256 - 1, must neither overflow nor allocate.</summary>
    [Theory]
    [InlineData("33", "1")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", "1")]
    [InlineData("32", "33")]
    [InlineData("32", "115792089237316195423570985008687907853269984665640564039457584007913129639935")]
    public void Text_with_a_hostile_offset_or_length_gives_one_clear_error(string offset, string length)
    {
        byte[] data = new byte[64];
        AbiData.Write(BigInteger.Parse(offset, System.Globalization.CultureInfo.InvariantCulture), data.AsSpan(0, 32));
        AbiData.Write(BigInteger.Parse(length, System.Globalization.CultureInfo.InvariantCulture), data.AsSpan(32, 32));
        EthereumException failure = Assert.Throws<EthereumException>(() => new AbiData(data, "The answer").Text(0));
        Assert.Equal("The answer has 64 bytes, which is too short for what it should hold.", failure.Message);
    }

    [Fact]
    public void Address_with_bits_above_its_twenty_bytes_is_refused() =>
        Assert.Throws<EthereumException>(() => new AbiData(Convert.FromHexString("01" + Word[2..]), "It").Address(0));

    [Fact]
    public void UInt_beyond_its_width_is_refused() =>
        Assert.Throws<EthereumException>(() => new AbiData(Convert.FromHexString(Word[..60] + "0100"), "It").UInt(0, 8));

    private static JsonElement Log() => JsonSerializer.SerializeToElement(new
    {
        address = "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        topics = new[]
        {
            AnswerUpdated.Topic, "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffb", "0x" + Word[..63] + "2",
        },
        data = "0x" + Word[..56] + "64de93f7",
        blockNumber = "0x2",
        blockHash = "0x154c129dc421e1f5183c63a274e0794f31733bd3ed4d8c6efb843f9d5b0d2cc1",
        transactionHash = "0xce61fa427949710afbf86a9deae556ffd76bbd7a47e062a1da2bf8279d2c74e4",
        transactionIndex = "0x0",
        logIndex = "0x0",
        removed = false,
    });
}
