namespace Mmoe.Model;

/// <summary>Functions of vectors, in float32.</summary>
internal static class Elementwise
{
    /// <summary>sum + row · factor, in place.</summary>
    public static void AddScaled(Span<float> sum, ReadOnlySpan<float> row, float factor)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += factor * row[i];
        }
    }

    /// <summary>exp(x) over its sum; the greatest element is subtracted first, so that nothing overflows. In place is allowed.</summary>
    public static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        var greatest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            greatest = MathF.Max(greatest, logit);
        }

        var sum = 0f;
        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] = MathF.Exp(logits[i] - greatest);
            sum += probabilities[i];
        }

        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] /= sum;
        }
    }

    /// <summary>1 / (1 + exp(-x)), without overflow on either side.</summary>
    public static float Sigmoid(float x)
    {
        var e = MathF.Exp(-MathF.Abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    /// <summary>An activation, in place.</summary>
    public static void Apply(Activation activation, Span<float> values)
    {
        switch (activation)
        {
            case Activation.Identity:
                break;
            case Activation.ReLU:
                foreach (ref var value in values)
                {
                    value = MathF.Max(value, 0);
                }

                break;
            case Activation.Tanh:
                foreach (ref var value in values)
                {
                    value = MathF.Tanh(value);
                }

                break;
            case Activation.SiLU:
                foreach (ref var value in values)
                {
                    value *= Sigmoid(value);
                }

                break;
            case Activation.GELU:
                foreach (ref var value in values)
                {
                    value = (float)(value * 0.5 * (1 + Erf(value * Math.Sqrt(0.5))));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "there is no such activation");
        }
    }

    /// <summary>
    /// The error function, to the last digits of a double: the series with terms of one sign, Abramowitz and Stegun 1964, 7.1.6.
    /// </summary>
    public static double Erf(double x)
    {
        // 1 - erf(6) is below the last digit of 1.
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
