namespace Mmoe.Model;

/// <summary>The rows whose prediction lies in one interval of probabilities.</summary>
/// <param name="Lower">The interval's lower end, which belongs to the interval below; 0 itself belongs to the first.</param>
/// <param name="Upper">The interval's upper end, which belongs to it.</param>
/// <param name="Count">The number of labelled rows with a weight above 0.</param>
/// <param name="Weight">The sum of their weights.</param>
/// <param name="MeanPredicted">The weighted mean of their predictions; NaN where there are no rows.</param>
/// <param name="ObservedShare">The weighted share of them in which what was predicted is the case; NaN where there are no rows.</param>
public readonly record struct ReliabilityBin(
    double Lower, double Upper, int Count, double Weight, double MeanPredicted, double ObservedShare);

/// <summary>
/// Rows in intervals of equal width by the probability that a model gives to something, with how often it is the case: the numbers of a
/// reliability diagram. Rows without a label are skipped.
/// </summary>
/// <param name="Bins">The intervals from 0 to 1, the empty ones too.</param>
public sealed record ReliabilityBins(EquatableArray<ReliabilityBin> Bins)
{
    /// <summary>The usual number of intervals.</summary>
    public const int UsualCount = 15;

    /// <summary>
    /// The expected calibration error: the mean over the rows of the distance between mean prediction and observed share of their
    /// interval, rows counting by their weights; Guo et al. 2017, section 2, equation 3. 0 where a model is calibrated, at most 1; NaN
    /// without a row.
    /// </summary>
    public double ExpectedCalibrationError
    {
        get
        {
            var (distance, total) = (0.0, 0.0);
            foreach (var bin in this.Bins.AsSpan())
            {
                distance += bin.Weight > 0 ? bin.Weight * Math.Abs(bin.ObservedShare - bin.MeanPredicted) : 0;
                total += bin.Weight;
            }

            return distance / total;
        }
    }

    /// <summary>Sorts rows by the probability of the positive class.</summary>
    /// <param name="positive">The probability of the positive class.</param>
    /// <param name="targets">[rows]: 1 for positive, 0 for negative, NaN without a label.</param>
    /// <param name="weights">[rows].</param>
    /// <param name="count">The number of intervals, at least 1.</param>
    public static ReliabilityBins Of(
        ClassProbability positive, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights, int count = UsualCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var sums = new Sums(count);
        for (var row = 0; row < positive.Rows; row++)
        {
            if (!float.IsNaN(targets[row]))
            {
                sums.Add(positive[row], targets[row] > 0, weights[row]);
            }
        }

        return sums.Bins();
    }

    /// <summary>Sorts rows by the probability of their most probable class, of equals the first: whether that class is right is observed.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="probabilities">[rows, classes]; each row sums to 1.</param>
    /// <param name="targets">[rows]: the class index, NaN without a label.</param>
    /// <param name="weights">[rows].</param>
    /// <param name="count">The number of intervals, at least 1.</param>
    public static ReliabilityBins OfTopLabel(
        int classes, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights, int count = UsualCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var sums = new Sums(count);
        for (var row = 0; row < targets.Length; row++)
        {
            if (!float.IsNaN(targets[row]))
            {
                var ofRow = probabilities.Slice(row * classes, classes);
                var guess = MulticlassMetrics.MostLikely(ofRow);
                sums.Add(ofRow[guess], guess == (int)targets[row], weights[row]);
            }
        }

        return sums.Bins();
    }

    private sealed class Sums(int count)
    {
        private readonly int[] rows = new int[count];
        private readonly double[] weight = new double[count];
        private readonly double[] predicted = new double[count];
        private readonly double[] observed = new double[count];

        public void Add(float probability, bool isTheCase, float rowWeight)
        {
            if (rowWeight == 0)
            {
                return;
            }

            // Exact: float32 times a small number fits a double. A sum of softmax outputs may be above 1 by its last digit.
            var bin = Math.Clamp((int)Math.Ceiling((double)probability * count) - 1, 0, count - 1);
            this.rows[bin]++;
            this.weight[bin] += rowWeight;
            this.predicted[bin] += (double)rowWeight * probability;
            this.observed[bin] += isTheCase ? rowWeight : 0;
        }

        public ReliabilityBins Bins() => new(new EquatableArray<ReliabilityBin>(Enumerable.Range(0, count).Select(b => new ReliabilityBin(
            (double)b / count,
            (double)(b + 1) / count,
            this.rows[b],
            this.weight[b],
            this.predicted[b] / this.weight[b],
            this.observed[b] / this.weight[b]))));
    }
}
