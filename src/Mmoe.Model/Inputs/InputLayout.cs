namespace Mmoe.Model;

/// <summary>A categorical feature as model input: its codes gather one of <paramref name="Size"/> rows.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="CodeIndex">The position among the schema's categorical features.</param>
/// <param name="Size">The number of values.</param>
/// <param name="Offset">The first value's row in the model's input.</param>
public sealed record CategoricalInput(string Column, int CodeIndex, int Size, int Offset);

/// <summary>A numeric feature as model input: its scaled value times one row.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="NumericIndex">The position among the schema's numeric features.</param>
/// <param name="Offset">The row in the model's input.</param>
public sealed record NumericInput(string Column, int NumericIndex, int Offset);

/// <summary>
/// Which features a model sees, and where. Saved with the model: it may leave out features of the schema.
/// </summary>
/// <param name="Fingerprint">The fingerprint of the schema that it was made for.</param>
/// <param name="Categoricals">The categorical inputs; their rows come first.</param>
/// <param name="Numerics">The numeric inputs; their rows follow.</param>
/// <param name="WeightColumn">The column that weighs rows in loss and metrics; null if every row counts the same.</param>
public sealed record InputLayout(
    string Fingerprint, EquatableArray<CategoricalInput> Categoricals, EquatableArray<NumericInput> Numerics, string? WeightColumn)
{
    /// <summary>The number of input features.</summary>
    public int Width => this.Categoricals.Sum(c => c.Size) + this.Numerics.Count;
}
