namespace Mmoe.Data;

/// <summary>Intervals between increasing edges; an edge belongs to the interval above it.</summary>
public static class Intervals
{
    /// <summary>The number of edges that are at most as great as a number: the interval in which it lies, from 0.</summary>
    /// <param name="edges">The edges, increasing.</param>
    /// <param name="value">The number, not NaN.</param>
    public static int IndexOf(ReadOnlySpan<float> edges, float value)
    {
        var (least, most) = (0, edges.Length);
        while (least < most)
        {
            var middle = (least + most) / 2;
            (least, most) = edges[middle] <= value ? (middle + 1, most) : (least, middle);
        }

        return least;
    }
}
