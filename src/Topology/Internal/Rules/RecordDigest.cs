using System.Numerics;
using Assay.Schemas;

namespace Assay.Topology.Internal.Rules;

/// <summary>
/// Sixty-four bits that tell whether a record says the same as the one emitted before under its id. The same on every machine and in every run: it is kept in
/// the changelog. Mixing as in xxHash64's rounds.
/// </summary>
internal struct RecordDigest
{
    /// <summary>Stands for a retraction; no digest takes this value.</summary>
    public const ulong Retracted = 0;

    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;

    private ulong _state;

    /// <summary>Of everything in the record but its id and revision.</summary>
    public static ulong Of(Accuracy record)
    {
        if (record.Status == AccuracyStatus.Retracted)
            return Retracted;
        RecordDigest digest = new() { _state = Prime3 };
        digest.Add((long)record.Status);
        digest.Add(record.At.Ticks);
        digest.Add(record.RoundId!);
        digest.Add(record.ContractPrice!.Value);
        digest.Add(record.AnswerUpdatedAt!.Value.Ticks);
        digest.Add(record.WindowEnd!.Value.Ticks);
        digest.Add(record.Average!.Value);
        digest.Add(record.DispersionPct!.Value);
        digest.Add(record.DeviationPct!.Value);
        foreach ((string name, SourcePrice source) in record.Sources)
        {
            digest.Add(name);
            digest.Add(source.Price);
            digest.Add(source.Quotes);
            digest.Add(source.AgeMs ?? long.MinValue);
        }
        return digest.Finish();
    }

    private void Add(long value) => _state = BitOperations.RotateLeft(_state ^ (BitOperations.RotateLeft((ulong)value * Prime2, 31) * Prime1), 27) * Prime1 + Prime3;

    private void Add(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        Add(((long)parts[0] << 32) | (uint)parts[1]);
        Add(((long)parts[2] << 32) | (uint)parts[3]);
    }

    private void Add(string value)
    {
        Add(value.Length);
        foreach (char character in value)
            Add(character);
    }

    private readonly ulong Finish()
    {
        ulong mixed = (_state ^ (_state >> 33)) * Prime2;
        mixed = (mixed ^ (mixed >> 29)) * Prime3;
        mixed ^= mixed >> 32;
        return mixed == Retracted ? Prime1 : mixed;
    }
}
