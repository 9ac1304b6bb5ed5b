using System.Numerics;
using System.Text;
using System.Text.Json;
using Assay.Ethereum;

namespace Assay.Demo.Chain.Internal;

/// <summary>The demo's compiled contracts (contracts/contracts.json, reproducible from the sources beside it) as data of the transactions that create them.</summary>
internal static class ContractArtifacts
{
    /// <summary>Where a contract goes that an account creates with its n-th transaction: the last 20 bytes of keccak(rlp([account, n])).</summary>
    /// <param name="nonce">Below 128, where RLP is one byte.</param>
    public static string AddressOf(string creator, int nonce)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nonce, 127);
        byte[] rlp = [0xd6, 0x94, .. Hex.ParseData(creator, "The account"), nonce == 0 ? (byte)0x80 : (byte)nonce];
        return Hex.Data(Keccak256.Hash(rlp).AsSpan(12));
    }

    /// <summary><c>new Aggregator(uint8 decimals, string description)</c>.</summary>
    public static string CreateAggregator(int decimals, string description)
    {
        byte[] text = Encoding.UTF8.GetBytes(description);
        byte[] arguments = new byte[3 * AbiData.WordSize + (text.Length + AbiData.WordSize - 1) / AbiData.WordSize * AbiData.WordSize];
        AbiData.Write(decimals, arguments.AsSpan(0, AbiData.WordSize));
        AbiData.Write(2 * AbiData.WordSize, arguments.AsSpan(AbiData.WordSize, AbiData.WordSize));
        AbiData.Write(text.Length, arguments.AsSpan(2 * AbiData.WordSize, AbiData.WordSize));
        text.CopyTo(arguments, 3 * AbiData.WordSize);
        return Bytecode("Aggregator") + Convert.ToHexStringLower(arguments);
    }

    /// <summary><c>new Proxy(address aggregator)</c>.</summary>
    public static string CreateProxy(string aggregator) => Bytecode("Proxy") + Word(aggregator);

    /// <summary><c>Proxy.setAggregator(address)</c>.</summary>
    public static string SetAggregator(string aggregator) => Hex.Data(AbiData.Call("setAggregator(address)")) + Word(aggregator);

    /// <summary><c>Aggregator.submit(int256)</c>.</summary>
    public static string Submit(BigInteger answer) => Hex.Data(AbiData.Call("submit(int256)", answer));

    private static string Word(string address) => new string('0', 24) + address[2..];

    private static string Bytecode(string contract)
    {
        using Stream file = typeof(ContractArtifacts).Assembly.GetManifestResourceStream("contracts.json")!;
        using JsonDocument artifacts = JsonDocument.Parse(file);
        return artifacts.RootElement.GetProperty(contract).GetProperty("bytecode").GetString()!;
    }
}
