namespace Mmoe.Data;

/// <summary>Mean and population standard deviation of a column's present values.</summary>
internal readonly record struct Moments(float Mean, float Deviation)
{
    /// <summary>The moments of column <paramref name="column"/> of [rows, <paramref name="width"/>]; null if every value is NaN.</summary>
    public static Moments? Of(ReadOnlySpan<float> values, int column, int width)
    {
        long count = 0;
        var sum = 0.0;
        for (var i = column; i < values.Length; i += width)
        {
            if (!float.IsNaN(values[i]))
            {
                count++;
                sum += values[i];
            }
        }

        if (count == 0)
        {
            return null;
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

        // Equal values give exactly 0: the sum of fewer than 2^29 equal floats is exact in double precision, and so is its quotient.
        var deviation = (float)Math.Sqrt(squares / count);
        return new((float)mean, deviation > 0 ? deviation : 1);
    }
}
