using System.Collections.Immutable;

namespace Assay.Avro.Generator.Internal;

/// <summary>An array that equals another with equal items, as a generator's cache needs it.</summary>
internal readonly struct EquatableArray<T>(ImmutableArray<T> items) : IEquatable<EquatableArray<T>> where T : IEquatable<T>
{
    public ImmutableArray<T> Items => items.IsDefault ? [] : items;

    public bool Equals(EquatableArray<T> other) => Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    public override int GetHashCode() => Items.Length == 0 ? 0 : (Items.Length * 31) + Items[0].GetHashCode();
}
