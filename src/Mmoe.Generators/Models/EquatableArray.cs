using System.Collections;

namespace Mmoe;

/// <summary>
/// An immutable list that compares by its elements, in order.
/// </summary>
/// <remarks>
/// <see cref="System.Collections.Immutable.ImmutableArray{T}"/> compares by reference, which breaks the equality of every record that holds one.
/// This one file is compiled into the generator, where equality is what makes caching work, and into Mmoe.Data.
/// </remarks>
/// <typeparam name="T">The element type; elements are compared with their default comparer.</typeparam>
#if MMOE_GENERATORS
internal
#else
[System.Runtime.CompilerServices.CollectionBuilder(typeof(EquatableArray), nameof(EquatableArray.Create))]
public
#endif
readonly struct EquatableArray<T> : IEquatable<EquatableArray<T>>, IReadOnlyList<T>
{
    private readonly T[]? items;

    /// <summary>Takes a copy of <paramref name="items"/>.</summary>
    public EquatableArray(IEnumerable<T> items) => this.items = items.ToArray();

    /// <summary>Takes a copy of <paramref name="items"/>.</summary>
    public EquatableArray(ReadOnlySpan<T> items) => this.items = items.ToArray();

    /// <summary>The list without elements; equal to <c>default</c>.</summary>
    public static EquatableArray<T> Empty => default;

    /// <summary>The number of elements.</summary>
    public int Count => this.items?.Length ?? 0;

    /// <summary>The element at <paramref name="index"/>, from 0.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public T this[int index] => (this.items ?? [])[index];

    /// <summary>The elements, without a copy.</summary>
    public ReadOnlySpan<T> AsSpan() => this.items;

    /// <inheritdoc/>
    public bool Equals(EquatableArray<T> other)
    {
        var left = this.items ?? [];
        var right = other.items ?? [];
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EquatableArray<T> other && this.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        unchecked
        {
            var hash = 17;
            foreach (var item in this.items ?? [])
            {
                hash = (hash * 31) + (item is null ? 0 : EqualityComparer<T>.Default.GetHashCode(item));
            }

            return hash;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)(this.items ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => this.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", this.items ?? [])}]";

    /// <summary>Whether both lists hold equal elements in the same order.</summary>
    public static bool operator ==(EquatableArray<T> left, EquatableArray<T> right) => left.Equals(right);

    /// <summary>Whether the lists differ in an element or in length.</summary>
    public static bool operator !=(EquatableArray<T> left, EquatableArray<T> right) => !left.Equals(right);
}

#if !MMOE_GENERATORS
/// <summary>Makes lists of collection expressions.</summary>
public static class EquatableArray
{
    /// <summary>A list of these elements.</summary>
    public static EquatableArray<T> Create<T>(ReadOnlySpan<T> items) => new(items);
}
#endif
