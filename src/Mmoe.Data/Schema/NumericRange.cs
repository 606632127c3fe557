namespace Mmoe.Data;

/// <summary>The numbers that a column may hold, bounds included. A missing number is not one of them, and no breach of it.</summary>
/// <param name="Min">The least number; null if there is none.</param>
/// <param name="Max">The greatest number; null if there is none.</param>
public sealed record NumericRange(float? Min, float? Max)
{
    /// <summary>Whether a number lies in the range. NaN lies in none.</summary>
    public bool Contains(float number) =>
        number >= (this.Min ?? float.NegativeInfinity) && number <= (this.Max ?? float.PositiveInfinity);

    /// <summary><c>from 0 to 120</c>, <c>at least 0</c> or <c>at most 120</c>.</summary>
    public override string ToString() => (this.Min, this.Max) switch
    {
        ({ } min, { } max) => FormattableString.Invariant($"from {min} to {max}"),
        ({ } min, null) => FormattableString.Invariant($"at least {min}"),
        (null, { } max) => FormattableString.Invariant($"at most {max}"),
        _ => "any number",
    };
}
