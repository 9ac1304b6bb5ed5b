namespace Assay.Streams.Internal.Dsl;

/// <summary>An update of a table's key (rule 16).</summary>
/// <param name="New">Null: deleted.</param>
/// <param name="Old">What stood there before; nothing unless <paramref name="HasOld"/>.</param>
/// <param name="HasOld">Tells an old zero from none.</param>
/// <param name="OutOfOrder">A versioned table took it at its own time, and its latest value, <paramref name="Old"/>, stays.</param>
internal readonly record struct Change<TValue>(TValue New, TValue Old, bool HasOld, bool OutOfOrder = false);

internal static class Nulls
{
    public static bool In<T>() => default(T) is null;

    public static void RequireIn<T>(string join)
    {
        if (!In<T>())
            throw new StreamsException($"The {join} takes a table of {typeof(T)}, which has no null for a missing value: map it to its nullable type first.");
    }
}
