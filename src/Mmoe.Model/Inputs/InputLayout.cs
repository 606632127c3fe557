using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>One encoding of a numeric feature as model input: each number that it gives times one row.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="NumericIndex">The position among the schema's numeric features.</param>
/// <param name="Encoder">How the number is encoded, as fitted on the train split.</param>
/// <param name="Offset">The first of its rows in the model's input.</param>
public sealed record NumericInput(string Column, int NumericIndex, NumericEncoder Encoder, int Offset);

/// <summary>
/// Which features a model sees, where, and how their numbers are encoded: fitted on the train split and saved with the model, so that
/// nothing is fitted again where it is used. It may leave out features of the schema. <see cref="InputPlan"/> is what it is fitted from.
/// </summary>
/// <param name="Fingerprint">The fingerprint of the schema that it was made for.</param>
/// <param name="Gathered">
/// The inputs that take one of several rows: categorical ones, then those in intervals. Their rows come first.
/// </param>
/// <param name="Numerics">The numeric inputs; their rows follow.</param>
/// <param name="WeightColumn">The column that weighs rows in loss and metrics; null if every row counts the same.</param>
public sealed record InputLayout(
    string Fingerprint, EquatableArray<GatheredInput> Gathered, EquatableArray<NumericInput> Numerics, string? WeightColumn)
{
    /// <summary>The number of the model's inputs.</summary>
    public int Width => this.Gathered.Sum(input => input.Size) + this.NumericWidth;

    /// <summary>How many of them are numbers: the widths of all numeric inputs, added up.</summary>
    public int NumericWidth => this.Numerics.Sum(input => input.Encoder.Width);

    /// <summary>Brings one encoded row into the form that a model sees; allocates nothing.</summary>
    /// <param name="codes">The row's codes: one per categorical feature of the schema.</param>
    /// <param name="numbers">The row's numbers: one per numeric feature of the schema, NaN where missing.</param>
    /// <param name="indices">Where to write the rows of the first layer that are gathered: one per gathered input.</param>
    /// <param name="numerics">Where to write the numeric inputs: <see cref="NumericWidth"/> numbers.</param>
    /// <exception cref="ArgumentException">A number is missing where intervals have no place for that.</exception>
    public void Encode(ReadOnlySpan<int> codes, ReadOnlySpan<float> numbers, Span<int> indices, Span<float> numerics)
    {
        var gathered = this.Gathered.AsSpan();
        for (var i = 0; i < gathered.Length; i++)
        {
            indices[i] = gathered[i].RowOf(codes, numbers);
        }

        foreach (var input in this.Numerics.AsSpan())
        {
            var width = input.Encoder.Width;
            input.Encoder.Encode(numbers[input.NumericIndex], numerics[..width]);
            numerics = numerics[width..];
        }
    }
}
