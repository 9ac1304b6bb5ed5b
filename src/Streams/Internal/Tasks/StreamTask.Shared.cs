namespace Assay.Streams.Internal.Tasks;

internal sealed partial class StreamTask
{
    private readonly Dictionary<string, object> _shared = new(StringComparer.Ordinal);

    /// <summary>What several nodes of one operator work on together.</summary>
    public T Shared<T>(string name, Func<T> make) where T : class
    {
        if (!_shared.TryGetValue(name, out object? shared))
            _shared.Add(name, shared = make());
        return (T)shared;
    }
}
