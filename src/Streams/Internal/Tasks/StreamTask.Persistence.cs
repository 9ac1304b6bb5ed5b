using Assay.Streams.Internal.State;

namespace Assay.Streams.Internal.Tasks;

internal sealed partial class StreamTask
{
    private bool _hasFolder;
    private bool _storesOpen;

    /// <summary>Takes the task's folder, if its stores outlive the process; false while another task object of this process still has it.</summary>
    public bool TryClaimFolder()
    {
        if (_environment.State is { } state && !_hasFolder && _stores.Count > 0)
            _hasFolder = state.TryClaim(Id);
        return _hasFolder || _environment.State is null || _stores.Count == 0;
    }

    /// <summary>Opens the stores that outlive the process, once: a standby is restored many times.</summary>
    /// <param name="changelogId">The id of a changelog topic.</param>
    public void OpenStores(Func<string, string> changelogId)
    {
        if (_storesOpen)
            return;
        _storesOpen = true;
        foreach (ManagedStore store in _stores.Values)
            store.Persistence?.Open(LoggedStores.Contains(store) ? changelogId(store.ChangelogTopic) : null);
    }

    private void CommitStores()
    {
        foreach (ManagedStore store in _stores.Values)
            store.Persistence?.Committed();
    }

    private void CloseStores()
    {
        if (!_hasFolder)
            return;
        foreach (ManagedStore store in _stores.Values)
            store.Persistence?.Close();
        _environment.State!.Release(Id);
        _hasFolder = false;
    }
}
