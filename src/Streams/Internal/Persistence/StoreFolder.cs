using Assay.Streams.Internal.Tasks;
using Microsoft.Extensions.Logging;

namespace Assay.Streams.Internal.Persistence;

/// <summary>Where one store of one task keeps its database: <c>{state folder}/{application id}/{task}/{engine}/{store}</c>.</summary>
internal sealed class StoreFolder(StateDirectory state, IStoreEngine engine, TaskId taskId, string store, TimeProvider clock, ILogger log)
{
    private readonly string _path = Path.Combine(state.FolderOf(taskId), engine.Name, store);

    public TaskId TaskId => taskId;

    public ILogger Log => log;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Whether it was found damaged while in use, and not emptied yet.</summary>
    public bool IsDamaged => state.IsDamaged(_path);

    public IStoreDatabase Open()
    {
        try
        {
            Directory.CreateDirectory(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreEngineException(exception.Message, corrupt: false);
        }
        return engine.Open(_path);
    }

    public void Empty()
    {
        try
        {
            if (Directory.Exists(_path))
                Directory.Delete(_path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(new StoreEngineException(exception.Message, corrupt: false));
        }
        state.Mended(_path);
    }

    /// <summary>What a failed database means: a damaged one is emptied when its task is built again, anything else a person must mend.</summary>
    public Exception Failed(StoreEngineException exception)
    {
        if (!exception.Corrupt)
        {
            return new StreamsException(
                $"Store '{store}' of task {taskId} cannot be kept in {_path}: {exception.Message} " +
                $"Make room there and see that it can be written, or set {nameof(StreamsOptions)}.{nameof(StreamsOptions.StateDir)} to another folder.", exception);
        }
        state.Damaged(_path);
        return new TransactionLostException($"Store '{store}' of task {taskId} in {_path} is damaged and will be restored: {exception.Message}", producerUnusable: false, exception);
    }
}
