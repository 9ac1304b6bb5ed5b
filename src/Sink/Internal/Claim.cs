namespace Assay.Sink.Internal;

/// <summary>The right to write a partition's rows.</summary>
/// <param name="epoch">Raised in the database by each claim; a writer with an older one is refused.</param>
/// <param name="next">The offset of the first record that is not stored.</param>
internal sealed class Claim(long epoch, long next)
{
    public long Epoch { get; } = epoch;

    public long Next { get; set; } = next;
}
