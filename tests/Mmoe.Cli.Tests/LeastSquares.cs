namespace Mmoe.Cli.Tests;

/// <summary>Ordinary least squares with an intercept, by the normal equations in double precision: the baseline that a model must beat.</summary>
internal static class LeastSquares
{
    /// <summary>The coefficients of a target, the intercept last.</summary>
    /// <param name="inputs">[rows, width].</param>
    /// <param name="width">Inputs per row.</param>
    /// <param name="targets">[rows].</param>
    public static double[] Fit(ReadOnlySpan<float> inputs, int width, ReadOnlySpan<float> targets)
    {
        var size = width + 1;
        var a = new double[size, size + 1];
        var x = new double[size];
        for (var row = 0; row < targets.Length; row++)
        {
            Row(inputs, width, row, x);
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    a[i, j] += x[i] * x[j];
                }

                a[i, size] += x[i] * targets[row];
            }
        }

        // Gauss-Jordan; the matrix of standard normal inputs is well conditioned.
        for (var pivot = 0; pivot < size; pivot++)
        {
            for (var i = 0; i < size; i++)
            {
                var factor = i == pivot ? 0 : a[i, pivot] / a[pivot, pivot];
                for (var j = pivot; j <= size && factor != 0; j++)
                {
                    a[i, j] -= factor * a[pivot, j];
                }
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => a[i, size] / a[i, i])];
    }

    /// <summary>The share of the targets' variance that coefficients explain.</summary>
    public static double R2(double[] coefficients, ReadOnlySpan<float> inputs, int width, ReadOnlySpan<float> targets)
    {
        var mean = 0.0;
        foreach (var target in targets)
        {
            mean += target / (double)targets.Length;
        }

        var x = new double[width + 1];
        var (residual, total) = (0.0, 0.0);
        for (var row = 0; row < targets.Length; row++)
        {
            Row(inputs, width, row, x);
            var prediction = 0.0;
            for (var i = 0; i < x.Length; i++)
            {
                prediction += coefficients[i] * x[i];
            }

            residual += Math.Pow(targets[row] - prediction, 2);
            total += Math.Pow(targets[row] - mean, 2);
        }

        return 1 - (residual / total);
    }

    private static void Row(ReadOnlySpan<float> inputs, int width, int row, double[] x)
    {
        for (var i = 0; i < width; i++)
        {
            x[i] = inputs[(row * width) + i];
        }

        x[width] = 1;
    }
}
