namespace Assay.Streams.Internal.Persistence;

internal sealed partial class PersistentStore<TKey, TValue>
{
    private string _changelogId = "";
    private DateTimeOffset _writtenAt;
    private CommittedView<TKey, TValue>? _view;
    private int _viewed;

    public long? Position { get; private set; }

    private IStoreDatabase Database => _database ?? throw new InvalidOperationException($"Store '{Name}' is closed.");

    public void Open(string? changelogId)
    {
        _changelogId = changelogId ?? "";
        if (changelogId is null || _folder.IsDamaged)
            _folder.Empty();
        try
        {
            _database = _folder.Open();
            Take(StorePosition.Read(_database));
        }
        catch (StoreEngineException exception) when (exception.Corrupt)
        {
            Wipe(exception.Message);
        }
        catch (StoreEngineException exception)
        {
            throw _folder.Failed(exception);
        }
    }

    public void Wipe(string reason)
    {
        _folder.Log.StoreWiped(Name, _folder.TaskId, reason);
        Close();
        _folder.Empty();
        try
        {
            _database = _folder.Open();
        }
        catch (StoreEngineException exception)
        {
            throw _folder.Failed(exception);
        }
    }

    public void RestoredTo(long offset)
    {
        Position = offset;
        if (_batched > 0)
            WriteBatch();
    }

    public void Committed()
    {
        // The acknowledgement may be a moment late: then the position is an older one, and a restart would read a few records twice, which changes nothing.
        if (Volatile.Read(ref _lastAcknowledged) is long acknowledged && acknowledged >= Position)
            Position = acknowledged + 1;
        if (_batched > 0 || (Position is not null && _folder.Now - _writtenAt > StorePosition.Refresh))
            WriteBatch();
        _changed.Clear();
        _sorted = null;
    }

    public override object Publish()
    {
        if (_view is null || _viewed != _version)
            _view = new CommittedView<TKey, TValue>(_views, Database, new EntryCodec<TKey, TValue>(_format, _layout, ChangelogTopic));
        _viewed = _version;
        return _view;
    }

    public void Close()
    {
        _views.CloseAll();
        _view = null;
        _batch?.Dispose();
        _batch = null;
        _batched = 0;
        _changed.Clear();
        _dirty.Clear();
        _sorted = null;
        _timeFloor = long.MinValue;
        Position = null;
        try
        {
            _database?.Dispose();
        }
        catch (StoreEngineException exception)
        {
            // What it could not write is read from the changelog at the next start.
            _folder.Log.StoreNotClosed(Name, _folder.TaskId, exception.Message);
        }
        _database = null;
    }

    private void WriteBatch()
    {
        _batch ??= Database.CreateBatch();
        if (Position is { } next)
        {
            _writtenAt = _folder.Now;
            new StorePosition(next, _writtenAt, _changelogId).Write(_batch);
        }
        try
        {
            Database.Write(_batch);
        }
        catch (StoreEngineException exception)
        {
            throw _folder.Failed(exception);
        }
        _batched = 0;
        _version++;
    }

    private void Take(StorePosition? position)
    {
        if (position is null)
            return;
        if (position.ChangelogId != _changelogId)
            Wipe($"it was filled from another topic of the name {ChangelogTopic}");
        else if (_folder.Now - position.WrittenAt > StorePosition.Life)
            Wipe($"it was written last {_folder.Now - position.WrittenAt:d\\.hh\\:mm} hours ago, and what was deleted since may have left the changelog");
        else
            (Position, _writtenAt) = (position.Next, position.WrittenAt);
    }
}
