namespace Assay.Streams.Internal.Persistence;

/// <summary>A store that outlives its process, whatever its types: how far it is on, and when it may go on.</summary>
/// <remarks>
/// The changelog position is written in one batch with the entries of a commit, after the commit: the database holds all committed changelog records below its position,
/// and what it holds was committed. So nothing has to be wiped after a crash, a lost partition or a commit with unknown outcome: what is missing is read from there on.
/// </remarks>
internal interface IPersistentStore
{
    /// <summary>All committed changelog records below this offset are in the store; null: it is to be restored from the beginning.</summary>
    long? Position { get; }

    /// <summary>Opens the database; one that is damaged, stale or belongs to another topic of that name is emptied.</summary>
    /// <param name="changelogId">Of the changelog topic; null: there is none, and the store starts empty.</param>
    void Open(string? changelogId);

    /// <summary>Empties it, because the changelog is not the one it was filled from.</summary>
    void Wipe(string reason);

    /// <summary>All committed records below this offset have been given to Restore.</summary>
    void RestoredTo(long offset);

    /// <summary>What was flushed last is committed.</summary>
    void Committed();

    /// <summary>Closes the database. What was not committed is gone.</summary>
    void Close();
}
