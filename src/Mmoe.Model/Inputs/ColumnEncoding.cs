namespace Mmoe.Model;

/// <summary>How a configuration has a numeric feature encoded, whatever the schema says.</summary>
/// <param name="Column">The column's name, or <see cref="Others"/>.</param>
/// <param name="Encodings">Its encodings, at least one, as <see cref="NumericEncoding.Parse"/> gives them.</param>
public sealed record ColumnEncoding(string Column, EquatableArray<NumericEncoding> Encodings)
{
    /// <summary>Stands for all numeric features that are not named.</summary>
    public const string Others = "*";

    /// <summary>The entry as a configuration writes it: <c>age=log1p+quantile:16</c>.</summary>
    public override string ToString() => $"{this.Column}={NumericEncoding.Join(this.Encodings)}";
}
