using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>
/// The synthetic regression benchmark of Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
/// Mixture-of-Experts", KDD 2018, section 3.2: two tasks over the same inputs, whose weight vectors have a chosen correlation.
/// </summary>
/// <remarks>
/// y_k = w_k·x + Σ sin(α_i (w_k·x) + β_i) + ε with w_1 = c u_1, w_2 = c (p u_1 + sqrt(1 - p²) u_2), u_1 and u_2 orthogonal unit vectors,
/// x, α and β standard normal, α and β shared by the tasks. The tasks and each split are streams of their own: another number of train rows
/// changes no test row, and more rows begin with the same rows. All bits are the same on every machine.
/// </remarks>
public static class SyntheticBenchmark
{
    /// <summary>Draws a split.</summary>
    /// <param name="descriptor">The dataset: as many numeric features as dimensions, and two numeric label columns.</param>
    /// <param name="source">The parameters.</param>
    /// <param name="split">The split.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <returns>The rows, or a fault for each parameter that makes no sense; no rows are a fault.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public static Validation<Fault, EncodedTable> Generate(
        DatasetDescriptor descriptor, SyntheticSource source, SplitName split, CancellationToken cancellation = default)
    {
        var rows = split switch
        {
            SplitName.Train => source.TrainRows,
            SplitName.Validation => source.ValidationRows,
            SplitName.Test => source.TestRows,
            _ => throw new ArgumentOutOfRangeException(nameof(split), split, "There is no such split."),
        };
        var faults = Check(descriptor, source, split, rows).ToSeq();
        return faults.IsEmpty
            ? Success<Fault, EncodedTable>(Draw(descriptor, source, split, rows, cancellation))
            : Fail<Fault, EncodedTable>(faults);
    }

    private static IEnumerable<Fault> Check(DatasetDescriptor descriptor, SyntheticSource source, SplitName split, int rows)
    {
        if (descriptor.Numerics.Count != source.Dimension
            || descriptor.Categoricals.Count > 0
            || descriptor.Weights.Count > 0
            || descriptor.Labels.Count != 2
            || descriptor.Labels.Any(l => l is not NumericLabel))
        {
            yield return Fault.Data(
                $"'{descriptor.Name}' must have {source.Dimension} numeric features and 2 numeric labels for a benchmark of that dimension",
                hint: "'dimension' is the number of numeric features");
        }

        if (source.Dimension < 2)
        {
            yield return Fault.Data($"dimension is {source.Dimension}; two orthogonal vectors need at least 2");
        }

        if (source.Correlation is not (>= -1 and <= 1))
        {
            yield return Fault.Data(FormattableString.Invariant($"correlation is {source.Correlation}; it lies in [-1, 1]"));
        }

        if (!double.IsFinite(source.Scale))
        {
            yield return Fault.Data("scale is not a finite number");
        }

        if (source.Terms < 0)
        {
            yield return Fault.Data($"terms is {source.Terms}; it cannot be negative");
        }

        if (source.NoiseVariance is not (>= 0 and < double.PositiveInfinity))
        {
            yield return Fault.Data(
                FormattableString.Invariant($"noise_variance is {source.NoiseVariance}; a variance is finite and not negative"));
        }

        if (rows < 1)
        {
            yield return Fault.Data($"the {split.Text()} split has no rows: {split.Text()}_rows is {rows}");
        }
        else if (source.Dimension > 0 && rows > System.Array.MaxLength / source.Dimension)
        {
            yield return Fault.Data($"{split.Text()}_rows is {rows}: more than fit into memory as one table");
        }
    }

    private static EncodedTable Draw(
        DatasetDescriptor descriptor, SyntheticSource source, SplitName split, int rows, CancellationToken cancellation)
    {
        var tasks = SyntheticTasks.Draw(source);
        var random = DeterministicRandom.FromSeed(SyntheticTasks.Seed(source), $"synthetic/{split.Text()}");
        var deviation = Math.Sqrt(source.NoiseVariance);
        var numerics = new float[rows * source.Dimension];
        var labels = new float[rows * 2];
        for (var row = 0; row < rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var x = numerics.AsSpan(row * source.Dimension, source.Dimension);
            foreach (ref var value in x)
            {
                value = (float)random.NextNormal();
            }

            for (var task = 0; task < 2; task++)
            {
                labels[(row * 2) + task] = (float)(tasks.Value(task, x) + (deviation * random.NextNormal()));
            }
        }

        return new(descriptor, rows, ReadOnlyMemory<int>.Empty, numerics, labels, ReadOnlyMemory<float>.Empty);
    }
}

/// <summary>The two functions that the synthetic benchmark's tasks are to learn.</summary>
internal sealed record SyntheticTasks(double[][] Weights, double[] Alpha, double[] Beta)
{
    public static ulong Seed(SyntheticSource source) => unchecked((ulong)source.Seed);

    public static SyntheticTasks Draw(SyntheticSource source)
    {
        var random = DeterministicRandom.FromSeed(Seed(source), "synthetic/tasks");
        var u1 = Unit(Normals(random, source.Dimension));
        var drawn = Normals(random, source.Dimension);
        var along = Dot(drawn, u1);

        // Gram and Schmidt: what of the second vector is orthogonal to the first.
        var u2 = Unit([.. drawn.Zip(u1, (d, u) => d - (along * u))]);
        var p = source.Correlation;
        var q = Math.Sqrt(1 - (p * p));
        return new(
            [[.. u1.Select(u => source.Scale * u)], [.. u1.Zip(u2, (a, b) => source.Scale * ((p * a) + (q * b)))]],
            Normals(random, source.Terms),
            Normals(random, source.Terms));
    }

    /// <summary>The task's value without noise.</summary>
    public double Value(int task, ReadOnlySpan<float> x)
    {
        var weights = this.Weights[task];
        var projection = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            projection += weights[i] * x[i];
        }

        var value = projection;
        for (var i = 0; i < this.Alpha.Length; i++)
        {
            value += PortableMath.Sin((this.Alpha[i] * projection) + this.Beta[i]);
        }

        return value;
    }

    private static double[] Normals(DeterministicRandom random, int count)
    {
        var normals = new double[count];
        foreach (ref var normal in normals.AsSpan())
        {
            normal = random.NextNormal();
        }

        return normals;
    }

    private static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(Dot(vector, vector));
        return [.. vector.Select(v => v / length)];
    }

    private static double Dot(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
