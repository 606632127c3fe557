namespace Mmoe.Data;

/// <summary>Mean and population standard deviation of a column's present values.</summary>
internal readonly record struct Moments(float Mean, float Deviation)
{
    /// <summary>The moments of column <paramref name="column"/> of [rows, <paramref name="width"/>]; null if every value is NaN.</summary>
    public static Moments? Of(ReadOnlySpan<float> values, int column, int width)
    {
        long count = 0;
        var sum = 0.0;
        var (least, greatest) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var i = column; i < values.Length; i += width)
        {
            if (!float.IsNaN(values[i]))
            {
                count++;
                sum += values[i];
                least = Math.Min(least, values[i]);
                greatest = Math.Max(greatest, values[i]);
            }
        }

        if (count == 0)
        {
            return null;
        }

        // Not left to the sum of squares: a rounded mean would give a constant column a tiny deviation instead of none.
        if (least == greatest)
        {
            return new(least, 1);
        }

        var mean = sum / count;
        var squares = 0.0;
        for (var i = column; i < values.Length; i += width)
        {
            if (!float.IsNaN(values[i]))
            {
                squares += (values[i] - mean) * (values[i] - mean);
            }
        }

        var deviation = (float)Math.Sqrt(squares / count);
        return new((float)mean, deviation > 0 ? deviation : 1);
    }
}
