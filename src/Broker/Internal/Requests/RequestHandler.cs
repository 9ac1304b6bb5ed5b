using Assay.Broker.Internal.Wire;

namespace Assay.Broker.Internal.Requests;

/// <summary>Serves one kind of request in the versions it names.</summary>
/// <param name="key">The request's api key.</param>
/// <param name="lowest">The lowest version served.</param>
/// <param name="highest">The highest version served.</param>
/// <param name="flexibleFrom">The first version with compact lengths and tags; above <paramref name="highest"/>: none.</param>
internal abstract class RequestHandler(short key, short lowest, short highest, short flexibleFrom)
{
    public short Key { get; } = key;
    public short Lowest { get; } = lowest;
    public short Highest { get; } = highest;

    /// <summary>The lowest version that ApiVersions shows.</summary>
    public virtual short LowestAdvertised => Lowest;

    /// <summary>The request's name, for messages.</summary>
    public string Name => GetType().Name.Replace("Handler", "", StringComparison.Ordinal);

    public bool Supports(short version) => version >= Lowest && version <= Highest;

    public bool IsFlexible(short version) => version >= flexibleFrom;

    /// <summary>Reads the request and answers it; null where the client wants no answer.</summary>
    public abstract ValueTask<IMessage?> HandleAsync(WireReader reader, RequestContext context);
}

/// <inheritdoc/>
internal abstract class RequestHandler<TRequest>(short key, short lowest, short highest, short flexibleFrom) : RequestHandler(key, lowest, highest, flexibleFrom)
    where TRequest : IMessage, new()
{
    public sealed override ValueTask<IMessage?> HandleAsync(WireReader reader, RequestContext context)
    {
        TRequest request = new();
        request.Visit(reader);
        context.Version = reader.Version;
        return HandleAsync(request, context);
    }

    protected abstract ValueTask<IMessage?> HandleAsync(TRequest request, RequestContext context);
}

/// <summary>A handler that never waits.</summary>
internal abstract class ImmediateHandler<TRequest>(short key, short lowest, short highest, short flexibleFrom)
    : RequestHandler<TRequest>(key, lowest, highest, flexibleFrom) where TRequest : IMessage, new()
{
    protected sealed override ValueTask<IMessage?> HandleAsync(TRequest request, RequestContext context) => new(Handle(request, context));

    protected abstract IMessage? Handle(TRequest request, RequestContext context);
}
