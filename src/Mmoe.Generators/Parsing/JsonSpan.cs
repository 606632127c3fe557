namespace Mmoe.Generators.Parsing;

/// <summary>A stretch of a text in UTF-16 characters.</summary>
/// <param name="Start">The first character, from 0.</param>
/// <param name="Length">The number of characters.</param>
internal readonly record struct JsonSpan(int Start, int Length)
{
    /// <summary>The position after the last character.</summary>
    public int End => this.Start + this.Length;

    /// <summary>The stretch between two positions.</summary>
    public static JsonSpan FromBounds(int start, int end) => new(start, end - start);
}
