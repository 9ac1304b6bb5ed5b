using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Assay.Ethereum;

/// <summary>Keccak-256 as Ethereum uses it: the sponge of the Keccak submission (rate 1088, capacity 512) with its original padding byte 0x01, not SHA-3's 0x06.</summary>
/// <remarks>For selectors and topics: short inputs, computed once. Specification: "The Keccak reference", version 3.0.</remarks>
public static class Keccak256
{
    private const int Rate = 136;
    private const int Rounds = 24;

    private static readonly ulong[] RoundConstants = MakeRoundConstants();
    private static readonly (int From, int To, int Rotation)[] RhoPi = MakeRhoPi();

    /// <summary>The 32-byte digest.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> input)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (; input.Length >= Rate; input = input[Rate..])
            Absorb(state, input[..Rate]);
        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        input.CopyTo(last);
        last[input.Length] |= 0x01;
        last[Rate - 1] |= 0x80;
        Absorb(state, last);

        byte[] digest = new byte[32];
        for (int lane = 0; lane < 4; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(digest.AsSpan(8 * lane), state[lane]);
        return digest;
    }

    /// <summary>The digest of a signature such as <c>decimals()</c>: its first four bytes select a function, all of it is an event's first topic.</summary>
    public static byte[] Hash(string ascii) => Hash(Encoding.ASCII.GetBytes(ascii));

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (int lane = 0; lane < Rate / 8; lane++)
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * lane)..]);
        Permute(state);
    }

    private static void Permute(Span<ulong> state)
    {
        Span<ulong> parity = stackalloc ulong[5];
        Span<ulong> moved = stackalloc ulong[25];
        for (int round = 0; round < Rounds; round++)
        {
            // θ
            for (int x = 0; x < 5; x++)
                parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
            for (int lane = 0; lane < 25; lane++)
                state[lane] ^= parity[(lane + 4) % 5] ^ BitOperations.RotateLeft(parity[(lane + 1) % 5], 1);
            // ρ and π
            foreach ((int from, int to, int rotation) in RhoPi)
                moved[to] = BitOperations.RotateLeft(state[from], rotation);
            // χ
            for (int row = 0; row < 25; row += 5)
            {
                for (int x = 0; x < 5; x++)
                    state[row + x] = moved[row + x] ^ (~moved[row + (x + 1) % 5] & moved[row + (x + 2) % 5]);
            }
            // ι
            state[0] ^= RoundConstants[round];
        }
    }

    /// <summary>Bit 2^j − 1 of a round's constant comes from the linear feedback shift register x⁸ + x⁶ + x⁵ + x⁴ + 1.</summary>
    private static ulong[] MakeRoundConstants()
    {
        ulong[] constants = new ulong[Rounds];
        byte register = 1;
        for (int round = 0; round < Rounds; round++)
        {
            for (int j = 0; j < 7; j++)
            {
                if ((register & 1) != 0)
                    constants[round] |= 1UL << ((1 << j) - 1);
                register = (byte)((register << 1) ^ ((register & 0x80) != 0 ? 0x71 : 0));
            }
        }
        return constants;
    }

    /// <summary>Walks (x, y) → (y, 2x + 3y): step t rotates by (t + 1)(t + 2) / 2; lane (0, 0) stays.</summary>
    private static (int From, int To, int Rotation)[] MakeRhoPi()
    {
        var steps = new (int From, int To, int Rotation)[25];
        (int x, int y) = (1, 0);
        for (int t = 0; t < 24; t++)
        {
            (int nextX, int nextY) = (y, (2 * x + 3 * y) % 5);
            steps[t] = (x + 5 * y, nextX + 5 * nextY, (t + 1) * (t + 2) / 2 % 64);
            (x, y) = (nextX, nextY);
        }
        return steps;
    }
}
