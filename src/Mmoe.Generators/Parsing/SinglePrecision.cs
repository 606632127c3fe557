using System.Globalization;

namespace Mmoe.Generators.Parsing;

/// <summary>Numbers as rows hold them.</summary>
internal static class SinglePrecision
{
    /// <summary>The nearest single-precision number, if the text is a number that is not too large for one.</summary>
    public static bool TryParse(string text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && !float.IsInfinity(value);
}
