using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// A column as model input of which an encoded row takes exactly one of several rows of the first layer: one-hot in meaning, a gathered row
/// in fact.
/// </summary>
/// <param name="Column">The column's name.</param>
/// <param name="Offset">The first of its rows in the model's input.</param>
public abstract record GatheredInput(string Column, int Offset)
{
    /// <summary>The number of its rows.</summary>
    public abstract int Size { get; }

    /// <summary>Which row of the model's input an encoded row takes.</summary>
    /// <param name="codes">The encoded row's codes: one per categorical feature of the schema.</param>
    /// <param name="numerics">The encoded row's numbers: one per numeric feature of the schema, not scaled, NaN where missing.</param>
    public abstract int RowOf(ReadOnlySpan<int> codes, ReadOnlySpan<float> numerics);
}

/// <summary>A categorical feature as model input: one row per value.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="CodeIndex">The position among the schema's categorical features.</param>
/// <param name="Size">The number of values.</param>
/// <param name="Offset">The first value's row in the model's input.</param>
public sealed record CategoricalInput(string Column, int CodeIndex, int Size, int Offset) : GatheredInput(Column, Offset)
{
    /// <inheritdoc/>
    public override int Size { get; } = Size;

    /// <inheritdoc/>
    public override int RowOf(ReadOnlySpan<int> codes, ReadOnlySpan<float> numerics) => this.Offset + codes[this.CodeIndex];
}

/// <summary>
/// A numeric feature as model input in intervals, between the schema's bins or quantiles of the train split: n edges make n + 1 of them, a
/// row each. A number lies in interval k if k edges are at most as great.
/// </summary>
/// <param name="Column">The column's name.</param>
/// <param name="NumericIndex">The position among the schema's numeric features.</param>
/// <param name="Edges">The edges, in the column's units, increasing.</param>
/// <param name="HasMissing">Whether one row more, the last, stands for a missing number.</param>
/// <param name="Offset">The first interval's row in the model's input.</param>
public sealed record BinnedInput(string Column, int NumericIndex, EquatableArray<float> Edges, bool HasMissing, int Offset)
    : GatheredInput(Column, Offset)
{
    /// <inheritdoc/>
    public override int Size => this.Edges.Count + (this.HasMissing ? 2 : 1);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The number is missing, and there is no row for that.</exception>
    public override int RowOf(ReadOnlySpan<int> codes, ReadOnlySpan<float> numerics) =>
        this.Offset + this.IntervalOf(numerics[this.NumericIndex]);

    private int IntervalOf(float value)
    {
        if (float.IsNaN(value))
        {
            return this.HasMissing
                ? this.Edges.Count + 1
                : throw new ArgumentException($"A number of '{this.Column}' is missing, and its intervals have no place for that.");
        }

        return Intervals.IndexOf(this.Edges.AsSpan(), value);
    }
}
