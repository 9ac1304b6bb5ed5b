namespace Assay.Streams.Internal.Dsl;

/// <summary>Of which sides a join gives a result where the other has nothing.</summary>
internal enum JoinKind
{
    Inner,
    Left,
    Outer,
}

/// <summary>A join of two tables by key.</summary>
internal sealed record TableTableJoin<TKey, TLeft, TRight, TResult>(
    TableView<TKey, TLeft> Left, TableView<TKey, TRight> Right, Func<TKey, TLeft, TRight, TResult> Joiner, JoinKind Kind) where TKey : notnull
{
    /// <summary>Whether both sides are made of one table, as where it is joined with itself: then one change comes over both, when both have changed already.</summary>
    public bool SharesOrigin { get; } = Left.Origins.Intersect(Right.Origins).Any();

    /// <summary>Whether there is a result where the sides have a value or none.</summary>
    public bool Has(bool left, bool right) => Kind switch { JoinKind.Inner => left && right, JoinKind.Left => left, _ => left || right };

    /// <summary>The result; null: none.</summary>
    public TResult Result(TKey key, TLeft left, bool hasLeft, TRight right, bool hasRight) =>
        Has(hasLeft, hasRight) ? Joiner(key, hasLeft ? left : default!, hasRight ? right : default!) : default!;
}

/// <summary>Takes the updates of one side and looks the other up. The result's time is the later of both (rule 12).</summary>
/// <remarks>
/// Sends what Kafka Streams sends: where the other side has the key, every update, also the deletion of what was not there; else one that has or replaces
/// a result. Out-of-order updates of a versioned table are left out: they change no present result (KIP-914).
/// </remarks>
internal abstract class TableTableJoinSide<TKey, TThis, TOther, TResult>(TableView<TKey, TOther> other)
    : StatelessProcessor<TKey, Change<TThis>, TKey, Change<TResult>> where TKey : notnull
{
    private TableReader<TKey, TOther> _read = null!;

    public override void Init(IProcessorContext<TKey, Change<TResult>> context)
    {
        base.Init(context);
        _read = other.Open(context);
    }

    public override void Process(in Record<TKey, Change<TThis>> record)
    {
        Change<TThis> change = record.Value;
        if (change.OutOfOrder)
            return;
        bool hasOther = _read(record.Key, TableRead.Latest, out ValueAndTimestamp<TOther> found);
        bool hasNew = change.New is not null;
        bool hadOld = Has(change.HasOld, hasOther);
        if (!hasOther && !hadOld && !Has(hasNew, hasOther) && !(DeletesBoth && change.HasOld && !hasNew))
            return;
        TResult result = Result(record.Key, change.New, hasNew, found.Value, hasOther);
        TResult old = Result(record.Key, change.Old, change.HasOld, found.Value, hasOther);
        long timestamp = hasOther ? Math.Max(record.Timestamp, found.Timestamp) : record.Timestamp;
        Context.Forward(new Record<TKey, Change<TResult>>(record.Key, new Change<TResult>(result, old, hadOld && old is not null), timestamp, record.Headers));
    }

    /// <summary>Whether a deletion that finds nothing on the other side may be that side's deletion too, and deletes the result.</summary>
    protected abstract bool DeletesBoth { get; }

    protected abstract bool Has(bool self, bool other);

    protected abstract TResult Result(TKey key, TThis value, bool hasValue, TOther other, bool hasOther);
}

internal sealed class TableTableJoinThis<TKey, TLeft, TRight, TResult>(TableTableJoin<TKey, TLeft, TRight, TResult> join)
    : TableTableJoinSide<TKey, TLeft, TRight, TResult>(join.Right) where TKey : notnull
{
    protected override bool DeletesBoth { get; } = join.Kind == JoinKind.Inner && join.SharesOrigin;

    protected override bool Has(bool self, bool other) => join.Has(self, other);

    protected override TResult Result(TKey key, TLeft value, bool hasValue, TRight other, bool hasOther) => join.Result(key, value, hasValue, other, hasOther);
}

internal sealed class TableTableJoinOther<TKey, TLeft, TRight, TResult>(TableTableJoin<TKey, TLeft, TRight, TResult> join)
    : TableTableJoinSide<TKey, TRight, TLeft, TResult>(join.Left) where TKey : notnull
{
    protected override bool DeletesBoth => false;

    protected override bool Has(bool self, bool other) => join.Has(other, self);

    protected override TResult Result(TKey key, TRight value, bool hasValue, TLeft other, bool hasOther) => join.Result(key, other, hasOther, value, hasValue);
}

/// <summary>A join that is not kept: read from both tables when asked.</summary>
internal sealed class TableTableJoinView<TKey, TLeft, TRight, TResult>(TableTableJoin<TKey, TLeft, TRight, TResult> join) : TableView<TKey, TResult> where TKey : notnull
{
    public override IReadOnlyCollection<string> Stores => [.. join.Left.Stores.Union(join.Right.Stores)];

    public override IEnumerable<string> Origins => join.Left.Origins.Union(join.Right.Origins);

    public override TableReader<TKey, TResult> Open(IProcessorContext context)
    {
        TableReader<TKey, TLeft> readLeft = join.Left.Open(context);
        TableReader<TKey, TRight> readRight = join.Right.Open(context);
        return (TKey key, long _, out ValueAndTimestamp<TResult> value) =>
        {
            value = default;
            bool hasLeft = readLeft(key, TableRead.Latest, out ValueAndTimestamp<TLeft> left);
            bool hasRight = readRight(key, TableRead.Latest, out ValueAndTimestamp<TRight> right);
            if (!join.Has(hasLeft, hasRight))
                return false;
            TResult result = join.Result(key, left.Value, hasLeft, right.Value, hasRight);
            // The default of a side that has nothing is time zero.
            value = new ValueAndTimestamp<TResult>(result, Math.Max(left.Timestamp, right.Timestamp));
            return result is not null;
        };
    }
}
