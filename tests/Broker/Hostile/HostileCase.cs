using System.Buffers.Binary;

namespace Assay.Broker.Tests.Hostile;

/// <summary>How a hostile client behaves once it has its bytes.</summary>
internal enum Manner
{
    /// <summary>Sends them and takes the answer, for a moment.</summary>
    Ask,
    /// <summary>Sends them a few at a time, then as <see cref="Ask"/>.</summary>
    Drip,
    /// <summary>Sends them and leaves, politely or by a reset.</summary>
    Leave,
    /// <summary>Sends them and says nothing more, without reading.</summary>
    Linger,
}

/// <summary>One case of the fuzzer, a function of its seed.</summary>
/// <param name="Whole">The bytes may be a whole frame, so that an answer can come.</param>
internal sealed record HostileCase(byte[] Bytes, Manner Manner, bool Whole)
{
    private static readonly int[] Extremes = [-1, -2, 0, 1, int.MaxValue, int.MinValue, 1_000_000, 50_000_000, 0x00ffffff];

    /// <param name="opening">As a client would that is not authenticated.</param>
    public static HostileCase Of(int seed, bool opening)
    {
        Random random = new(seed);
        byte[] frame = RequestSamples.Next(random, opening);
        bool whole = true;
        for (int count = random.Next(3); count > 0; count--)
            frame = Mutate(frame, random);
        if (random.Next(10) > 0)
            BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        else
        {
            // The length lies: half a frame, or one and a half.
            BinaryPrimitives.WriteInt32BigEndian(frame, random.Next(3) == 0 ? Extremes[random.Next(Extremes.Length)] : random.Next(2 * frame.Length));
            whole = false;
        }
        Manner manner = random.Next(20) switch { < 12 => whole ? Manner.Ask : Manner.Linger, < 16 => Manner.Leave, < 19 => Manner.Linger, _ => Manner.Drip };
        return new HostileCase(frame, manner, whole);
    }

    private static byte[] Mutate(byte[] frame, Random random)
    {
        int at = random.Next(4, frame.Length);
        switch (random.Next(9))
        {
            case 0:
                frame[at] = (byte)random.Next(256);
                return frame;
            case 1:
                return frame[..Math.Max(at, 5)];
            case 2 when frame.Length - at >= 4:
                BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(at), Extremes[random.Next(Extremes.Length)]);
                return frame;
            case 3 when frame.Length - at >= 2:
                BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(at), (short)random.Next(short.MinValue, short.MaxValue + 1));
                return frame;
            case 4:
                frame.AsSpan(at, Math.Min(5, frame.Length - at)).Fill(0xff);
                return frame;
            case 5 when frame.Length > 7:
                // Another version, or another key under the same body.
                frame[5 + 2 * random.Next(2)] = (byte)random.Next(80);
                return frame;
            case 6:
                return [.. frame.AsSpan(0, at), .. frame.AsSpan(4), .. frame.AsSpan(at)];
            case 7:
                return [.. frame.AsSpan(0, at), .. new byte[random.Next(2) == 0 ? random.Next(50) : random.Next(100_000)], .. frame.AsSpan(at)];
            default:
                random.NextBytes(frame.AsSpan(random.Next(2) == 0 ? 4 : at));
                return frame;
        }
    }
}
