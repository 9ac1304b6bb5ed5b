namespace Assay.Streams.Internal.Dsl;

/// <summary>An update of a table's key (rule 16).</summary>
/// <param name="New">Null: deleted.</param>
/// <param name="Old">What stood there before; nothing unless <paramref name="HasOld"/>.</param>
/// <param name="HasOld">Tells an old zero from none.</param>
internal readonly record struct Change<TValue>(TValue New, TValue Old, bool HasOld);

internal static class Nulls
{
    public static bool In<T>() => default(T) is null;
}
