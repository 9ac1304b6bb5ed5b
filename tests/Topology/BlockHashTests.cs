using Assay.Topology.Internal.State;

namespace Assay.Topology.Tests;

public sealed class BlockHashTests
{
    private static readonly string[] Hashes =
    [
        "", "0", "0x", "0x1", "0xzz", "no hash", new string('7', 66), "0X" + new string('a', 64), "0x" + new string('A', 64), "0x" + new string('a', 63), "0x" + new string('a', 65),
        .. Enumerable.Range(0, 64).SelectMany(place => (char[])['1', '9', 'a', 'f'], (place, digit) => "0x" + new string('0', place) + digit + new string('8', 63 - place)),
    ];

    [Fact]
    public void Hash_is_written_as_it_came() => Assert.Equal(Hashes, Hashes.Select(hash => new BlockHash(hash).ToString()));

    [Fact]
    public void Hashes_are_equal_and_ordered_as_their_texts_are()
    {
        foreach (string a in Hashes)
        {
            foreach (string b in Hashes)
            {
                Assert.Equal(a == b, new BlockHash(a) == new BlockHash(b));
                Assert.Equal(Math.Sign(string.CompareOrdinal(a, b)), Math.Sign(new BlockHash(a).CompareTo(new BlockHash(b))));
            }
        }
    }
}
