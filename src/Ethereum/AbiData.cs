using System.Numerics;
using System.Text;

namespace Assay.Ethereum;

/// <summary>Reads contract ABI encoded values (Solidity ABI specification 2): 32-byte big-endian words; a string is an offset to its length and bytes.</summary>
/// <param name="data">As a node returned it; short or hostile data gives one <see cref="EthereumException"/>.</param>
/// <param name="what">Names the data in errors.</param>
public readonly ref struct AbiData(ReadOnlySpan<byte> data, string what)
{
    public const int WordSize = 32;
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _what = what;

    public BigInteger UInt256(int word) => new(Word(word), isUnsigned: true, isBigEndian: true);

    public BigInteger Int256(int word) => new(Word(word), isUnsigned: false, isBigEndian: true);

    /// <summary>An integer that must fit a narrower type.</summary>
    public int UInt(int word, int bits)
    {
        BigInteger value = UInt256(word);
        return value < BigInteger.One << bits ? (int)value : throw new EthereumException($"{_what} is not a uint{bits}: {value}.");
    }

    /// <summary>A 20-byte address in lower case.</summary>
    public string Address(int word)
    {
        ReadOnlySpan<byte> bytes = Word(word);
        return bytes[..12].IndexOfAnyExcept((byte)0) < 0 ? Hex.Data(bytes[12..]) : throw new EthereumException($"{_what} is not an address: {Hex.Data(bytes)}.");
    }

    /// <summary>A string of at most a few hundred bytes; its length is checked against the data before anything is allocated.</summary>
    public string Text(int word)
    {
        BigInteger offset = UInt256(word);
        if (offset > _data.Length - WordSize)
            throw Short();
        BigInteger length = new(_data.Slice((int)offset, WordSize), isUnsigned: true, isBigEndian: true);
        int start = (int)offset + WordSize;
        if (length > _data.Length - start)
            throw Short();
        return Encoding.UTF8.GetString(_data.Slice(start, (int)length));
    }

    /// <summary>The call data of a function with integer arguments, or none: its selector, then a word for each.</summary>
    /// <param name="signature">E.g. <c>phaseAggregators(uint16)</c>.</param>
    public static byte[] Call(string signature, params ReadOnlySpan<BigInteger> arguments)
    {
        byte[] call = new byte[4 + WordSize * arguments.Length];
        Keccak256.Hash(signature).AsSpan(0, 4).CopyTo(call);
        for (int index = 0; index < arguments.Length; index++)
            Write(arguments[index], call.AsSpan(4 + WordSize * index, WordSize));
        return call;
    }

    /// <summary>Writes an integer as one word, two's complement.</summary>
    public static void Write(BigInteger value, Span<byte> word)
    {
        word.Fill(value.Sign < 0 ? (byte)0xff : (byte)0);
        byte[] bytes = value.ToByteArray(isUnsigned: value.Sign >= 0, isBigEndian: true);
        if (bytes.Length > WordSize)
            throw new ArgumentOutOfRangeException(nameof(value), "The value has more than 256 bits.");
        bytes.CopyTo(word[(WordSize - bytes.Length)..]);
    }

    private ReadOnlySpan<byte> Word(int word) => _data.Length >= (word + 1) * WordSize ? _data.Slice(word * WordSize, WordSize) : throw Short();

    private EthereumException Short() => new($"{_what} has {_data.Length} bytes, which is too short for what it should hold.");
}
