using System.Text.Json;

namespace Assay.Demo.Market.Internal;

/// <summary>What was served, so that what was stored can be compared with it: the newest responses in memory, all of them in a file if one is named.</summary>
internal sealed class ResponseJournal(string? file) : IDisposable
{
    private const int Kept = 20_000;

    private readonly Queue<ServedResponse> _responses = new();
    private readonly StreamWriter? _file = file is null ? null : new(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    public void Add(ServedResponse response)
    {
        lock (_responses)
        {
            if (_responses.Count == Kept)
                _responses.Dequeue();
            _responses.Enqueue(response);
            _file?.WriteLine(JsonSerializer.Serialize(response, JsonSerializerOptions.Web));
        }
    }

    public IReadOnlyList<ServedResponse> Snapshot()
    {
        lock (_responses)
            return [.. _responses];
    }

    public void Dispose()
    {
        lock (_responses)
            _file?.Dispose();
    }
}
