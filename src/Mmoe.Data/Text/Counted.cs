using System.Globalization;

namespace Mmoe.Data;

/// <summary>So many of a thing, in words.</summary>
public static class Counted
{
    /// <summary><c>1 epoch</c>, <c>2 epochs</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">One of them; more are called by it with an <c>s</c>.</param>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
