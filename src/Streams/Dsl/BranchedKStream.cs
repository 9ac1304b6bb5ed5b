using Assay.Streams.Internal.Dsl;

namespace Assay.Streams;

/// <summary>What becomes of a branch.</summary>
public sealed record Branched<TKey, TValue>
{
    /// <summary>Ends the branch's name, which begins with that of the split; null: the branch's number, 0 for the default one.</summary>
    public string? Name { get; init; }

    /// <summary>Takes the branch; without it the branch is among those that <see cref="BranchedKStream{TKey, TValue}.DefaultBranch"/> gives.</summary>
    public Action<KStream<TKey, TValue>>? Consumer { get; init; }
}

/// <summary>A stream that is being split: a record goes into the first branch whose predicate it meets, and into the default one, if there is one, where it meets none.</summary>
public sealed class BranchedKStream<TKey, TValue>
{
    private readonly KStream<TKey, TValue> _source;
    private readonly TopologyNode<TKey, TValue> _splitter;
    private readonly List<Func<TKey, TValue, bool>> _predicates = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<string, KStream<TKey, TValue>> _branches = new(StringComparer.Ordinal);

    internal BranchedKStream(KStream<TKey, TValue> source, Named? named)
    {
        _source = source;
        _splitter = source.Builder.Topology.AddProcessor(
            source.Builder.NodeName("KSTREAM-BRANCH-", named?.Name), () => new BranchProcessor<TKey, TValue>([.. _predicates], [.. _names]), source.Node);
    }

    /// <summary>Adds a branch.</summary>
    public BranchedKStream<TKey, TValue> Branch(Func<TKey, TValue, bool> predicate, Branched<TKey, TValue>? branched = null)
    {
        _predicates.Add(predicate);
        Add(branched, _predicates.Count);
        return this;
    }

    /// <summary>Ends the split with a branch for records that met no predicate.</summary>
    /// <returns>The branches by name: that of the split and then the branch's own or its number.</returns>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> DefaultBranch(Branched<TKey, TValue>? branched = null)
    {
        Add(branched, 0);
        return _branches;
    }

    /// <summary>Ends the split; records that met no predicate are dropped.</summary>
    /// <inheritdoc cref="DefaultBranch" path="/returns"/>
    public IReadOnlyDictionary<string, KStream<TKey, TValue>> NoDefaultBranch() => _branches;

    private void Add(Branched<TKey, TValue>? branched, int number)
    {
        string name = _splitter.Name + (branched?.Name ?? $"{number}");
        _names.Add(name);
        // Kafka Streams counts a branch although it does not use the number.
        _source.Builder.SkipNumber();
        KStream<TKey, TValue> branch = new(
            _source.Builder, _source.Builder.Topology.AddProcessor(name, static () => new PassThroughProcessor<TKey, TValue>(), _splitter),
            _source.KeyChanged, _source.KeySerde, _source.ValueSerde);
        if (branched?.Consumer is { } consumer)
            consumer(branch);
        else
            _branches.Add(name, branch);
    }
}
