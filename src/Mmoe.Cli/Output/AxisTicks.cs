using System.Globalization;

namespace Mmoe.Cli;

/// <summary>Round numbers along an axis, written the same on every machine.</summary>
internal static class AxisTicks
{
    /// <summary>Round numbers within an interval.</summary>
    /// <param name="least">The interval's lower end.</param>
    /// <param name="greatest">Its upper end, which is greater.</param>
    /// <param name="most">The most that there may be, at least 2.</param>
    /// <param name="leastStep">The least distance between two.</param>
    public static IReadOnlyList<(double Position, string Text)> Of(double least, double greatest, int most, double leastStep = 0)
    {
        var step = Math.Max(leastStep, Step((greatest - least) / most));
        var first = Math.Ceiling((least / step) - 1e-9);
        var count = (int)Math.Floor((greatest / step) + 1e-9) - first + 1;
        if (count < 1 && step > leastStep)
        {
            // A step may be as long as the interval and a little more, and then leave it out.
            return Of(least, greatest, 2 * most, leastStep);
        }

        var format = Format(Math.Max(Math.Abs(least), Math.Abs(greatest)), step);
        return
        [
            .. Enumerable.Range(0, Math.Max(0, (int)count))
                .Select(i => (first + i) * step)
                .Select(position => (position, position.ToString(format, CultureInfo.InvariantCulture))),
        ];
    }

    // The least of 1, 2 and 5 times a power of ten that is no less.
    private static double Step(double distance)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(distance)));
        return new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(step => step >= distance * (1 - 1e-9));
    }

    private static string Format(double greatest, double step) => greatest is >= 1e5 or < 1e-3
        ? "0.0##e0"
        : "0." + new string('0', Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9)));
}
