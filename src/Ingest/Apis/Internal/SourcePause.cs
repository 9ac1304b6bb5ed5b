namespace Assay.Ingest.Apis.Internal;

/// <summary>How long a source has asked to be left alone: what one of its requests was told holds for all of them.</summary>
internal sealed class SourcePause(TimeProvider time)
{
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    public void For(TimeSpan span)
    {
        DateTimeOffset until = time.GetUtcNow() + span;
        if (until > _until)
            _until = until;
    }

    /// <summary>Zero or less where nobody has to wait.</summary>
    public TimeSpan Remaining => _until - time.GetUtcNow();
}
