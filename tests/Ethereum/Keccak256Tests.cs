using System.Security.Cryptography;
using System.Text.Json;

namespace Assay.Ethereum.Tests;

public sealed class Keccak256Tests
{
    /// <summary>Around the sponge's rate of 136 bytes, from another implementation (npm js-sha3).</summary>
    [Theory]
    [InlineData(0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData(135, "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446")]
    [InlineData(136, "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e")]
    [InlineData(137, "d869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39")]
    [InlineData(272, "cf7fcd4f705ee749930d19ca84561a9bf62516bd90a471545fa2f49fdc7e63c8")]
    public void Digest_of_repeated_letters_is_the_known_one(int length, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Keccak256.Hash(new string('a', length))));

    [Theory]
    [InlineData("decimals()", "313ce567")]
    [InlineData("description()", "7284e416")]
    [InlineData("aggregator()", "245a7bfc")]
    [InlineData("phaseId()", "58303b10")]
    [InlineData("latestRoundData()", "feaf968c")]
    public void Selectors_are_those_of_the_deployed_feeds(string signature, string selector) =>
        Assert.Equal(selector, Convert.ToHexStringLower(AbiData.Call(signature)));

    [Fact]
    public void AnswerUpdated_topic_is_that_of_the_deployed_feeds() =>
        Assert.Equal("0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f", AnswerUpdated.Topic);

    [Fact]
    public async Task Digests_of_random_data_are_those_of_a_real_node()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EthereumClient client = node.Client();
        for (int length = 0; length < 300; length += 7)
        {
            byte[] data = RandomNumberGenerator.GetBytes(length);
            JsonElement digest = await client.SendAsync("web3_sha3", [Hex.Data(data)], TestContext.Current.CancellationToken);
            Assert.True(Hex.Data(Keccak256.Hash(data)) == digest.GetString(), $"keccak of {Hex.Data(data)}");
        }
    }
}
