namespace Mmoe.Model;

/// <summary>A number with its name in reports and in <c>summary.json</c>.</summary>
/// <param name="Name">The name in snake case: <c>log_loss</c>.</param>
/// <param name="Value">The number; NaN where the metric is not defined on the data, written as JSON null.</param>
public readonly record struct MetricValue(string Name, double Value);

/// <summary>
/// How well a model does on one task. Rows without a label are skipped; rows count by their weights. Where a number is not defined on the
/// data, it is NaN: a ranking with rows of one class only, R² of labels that are all equal, anything without a labelled row.
/// </summary>
public abstract record TaskMetrics
{
    /// <summary>
    /// The number by which checkpoints are chosen, higher is better: AUC, macro one-vs-rest AUC, or R². NaN where it is not defined.
    /// </summary>
    public abstract double Score { get; }

    /// <summary>All numbers in the order of reports.</summary>
    public abstract EquatableArray<MetricValue> Values { get; }
}

/// <summary>Metrics of a binary task; all but <paramref name="AucFlattened"/> from the probability of the positive class.</summary>
/// <param name="Auc">The area under the ROC curve; NaN unless both classes occur.</param>
/// <param name="AucFlattened">
/// For comparison with published numbers only: the area over both columns of a softmax flattened, that is over the scores p and 1 - p with
/// the labels y and 1 - y. It measures mostly how unbalanced the classes are: where a share q of the rows is positive, the constant
/// prediction q scores 1 - q (for q below one half), while its honest area is 0.5.
/// </param>
/// <param name="LogLoss">Binary cross-entropy in nats; probabilities are kept 2⁻²³ off 0 and 1.</param>
/// <param name="Accuracy">The share of rows on the right side of one half; one half itself is negative.</param>
/// <param name="Brier">The mean squared difference of probability and label; Brier 1950, for one of the two classes.</param>
/// <param name="Reliability">The rows by the probability of the positive class, of which <c>ece</c> is the calibration error.</param>
public sealed record BinaryMetrics(
    double Auc, double AucFlattened, double LogLoss, double Accuracy, double Brier, ReliabilityBins Reliability) : TaskMetrics
{
    /// <inheritdoc/>
    public override double Score => this.Auc;

    /// <inheritdoc/>
    public override EquatableArray<MetricValue> Values => new(
    [
        new("auc", this.Auc),
        new("auc_flattened", this.AucFlattened),
        new("log_loss", this.LogLoss),
        new("accuracy", this.Accuracy),
        new("brier", this.Brier),
        new("ece", this.Reliability.ExpectedCalibrationError),
    ]);

    /// <summary>Computes them.</summary>
    /// <param name="positive">The probability of the positive class.</param>
    /// <param name="targets">[rows]: 1 for positive, 0 for negative, NaN without a label.</param>
    /// <param name="weights">[rows].</param>
    public static BinaryMetrics Of(ClassProbability positive, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var auc = new RankAuc(positive.Rows);
        var (total, logLoss, right, brier) = (0.0, 0.0, 0.0, 0.0);
        for (var row = 0; row < positive.Rows; row++)
        {
            if (float.IsNaN(targets[row]))
            {
                continue;
            }

            double p = positive[row];
            double weight = weights[row];
            var label = targets[row] > 0;
            auc.Add(positive[row], label, weight);
            total += weight;
            logLoss -= weight * LogProbability.Of(label ? p : 1 - p);
            right += p > 0.5 == label ? weight : 0;
            brier += weight * Square(p - (label ? 1 : 0));
        }

        return new(
            auc.Value(),
            auc.ValueWithComplements(),
            logLoss / total,
            right / total,
            brier / total,
            ReliabilityBins.Of(positive, targets, weights));
    }

    private static double Square(double x) => x * x;
}

/// <summary>Metrics of a multi-class task.</summary>
/// <param name="MacroAuc">
/// The mean over classes of the area of one class against the rest. Classes that no row or every row has do not count; NaN if none does.
/// </param>
/// <param name="MacroF1">
/// The mean over classes of F1, the most probable class being predicted. Classes that neither occur nor are predicted do not count.
/// </param>
/// <param name="Accuracy">The share of rows whose most probable class is right; of equals the first.</param>
/// <param name="LogLoss">Cross-entropy in nats; probabilities are kept 2⁻²³ off 0.</param>
/// <param name="Brier">
/// The mean over rows of the squared differences of probability and label, summed over the classes; Brier 1950. Of two classes it would be
/// twice that of <see cref="BinaryMetrics"/>.
/// </param>
/// <param name="Reliability">The rows by the probability of their most probable class, of which <c>ece</c> is the calibration error.</param>
public sealed record MulticlassMetrics(
    double MacroAuc, double MacroF1, double Accuracy, double LogLoss, double Brier, ReliabilityBins Reliability) : TaskMetrics
{
    /// <inheritdoc/>
    public override double Score => this.MacroAuc;

    /// <inheritdoc/>
    public override EquatableArray<MetricValue> Values => new(
    [
        new("macro_auc", this.MacroAuc),
        new("macro_f1", this.MacroF1),
        new("accuracy", this.Accuracy),
        new("log_loss", this.LogLoss),
        new("brier", this.Brier),
        new("ece", this.Reliability.ExpectedCalibrationError),
    ]);

    /// <summary>Computes them.</summary>
    /// <param name="classes">The names of the classes, in order.</param>
    /// <param name="probabilities">[rows, classes]; each row sums to 1.</param>
    /// <param name="targets">[rows]: the class index, NaN without a label.</param>
    /// <param name="weights">[rows].</param>
    public static MulticlassMetrics Of(
        ReadOnlySpan<string> classes, ReadOnlySpan<float> probabilities, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var (total, logLoss, right, brier) = (0.0, 0.0, 0.0, 0.0);
        var (hits, actual, predicted) = (new double[classes.Length], new double[classes.Length], new double[classes.Length]);
        for (var row = 0; row < targets.Length; row++)
        {
            if (float.IsNaN(targets[row]))
            {
                continue;
            }

            double weight = weights[row];
            var label = (int)targets[row];
            var ofRow = probabilities.Slice(row * classes.Length, classes.Length);
            var guess = MostLikely(ofRow);
            total += weight;
            logLoss -= weight * LogProbability.Of(ofRow[label]);
            right += guess == label ? weight : 0;
            brier += weight * SquaredDistance(ofRow, label);
            hits[label] += guess == label ? weight : 0;
            actual[label] += weight;
            predicted[guess] += weight;
        }

        var (auc, f1) = (default(Mean), default(Mean));
        for (var c = 0; c < classes.Length; c++)
        {
            auc.AddDefined(OneAgainstRest(new(classes[c], probabilities, classes.Length, c), c, targets, weights));
            f1.AddDefined(2 * hits[c] / (actual[c] + predicted[c]));
        }

        return new(
            auc.Value,
            f1.Value,
            right / total,
            logLoss / total,
            brier / total,
            ReliabilityBins.OfTopLabel(classes.Length, probabilities, targets, weights));
    }

    /// <summary>The position of the greatest probability; of equals the first.</summary>
    internal static int MostLikely(ReadOnlySpan<float> probabilities)
    {
        var best = 0;
        for (var c = 1; c < probabilities.Length; c++)
        {
            best = probabilities[c] > probabilities[best] ? c : best;
        }

        return best;
    }

    private static double SquaredDistance(ReadOnlySpan<float> probabilities, int label)
    {
        var sum = 0.0;
        for (var c = 0; c < probabilities.Length; c++)
        {
            sum += Math.Pow(probabilities[c] - (c == label ? 1.0 : 0), 2);
        }

        return sum;
    }

    private static double OneAgainstRest(ClassProbability one, int index, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var auc = new RankAuc(one.Rows);
        for (var row = 0; row < one.Rows; row++)
        {
            if (!float.IsNaN(targets[row]))
            {
                auc.Add(one[row], (int)targets[row] == index, weights[row]);
            }
        }

        return auc.Value();
    }

    private struct Mean
    {
        private double sum;
        private int count;

        public readonly double Value => this.sum / this.count;

        public void AddDefined(double value)
        {
            if (!double.IsNaN(value))
            {
                this.sum += value;
                this.count++;
            }
        }
    }
}

/// <summary>Metrics of a regression, in the label's units.</summary>
/// <param name="Rmse">The root of the mean squared error.</param>
/// <param name="Mae">The mean absolute error.</param>
/// <param name="R2">The share of the labels' variance that is explained: 1 is exact, 0 as good as their mean, less is worse.</param>
public sealed record RegressionMetrics(double Rmse, double Mae, double R2) : TaskMetrics
{
    /// <inheritdoc/>
    public override double Score => this.R2;

    /// <inheritdoc/>
    public override EquatableArray<MetricValue> Values => new([new("rmse", this.Rmse), new("mae", this.Mae), new("r2", this.R2)]);

    /// <summary>Computes them.</summary>
    /// <param name="predictions">[rows], in the label's units.</param>
    /// <param name="targets">[rows], in the label's units; NaN without a label.</param>
    /// <param name="weights">[rows].</param>
    public static RegressionMetrics Of(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var (total, sum, squared, absolute) = (0.0, 0.0, 0.0, 0.0);
        for (var row = 0; row < targets.Length; row++)
        {
            if (!float.IsNaN(targets[row]))
            {
                var error = predictions[row] - (double)targets[row];
                total += weights[row];
                sum += weights[row] * (double)targets[row];
                squared += weights[row] * error * error;
                absolute += weights[row] * Math.Abs(error);
            }
        }

        // A second pass: the sum of squares less the squared sum would lose all digits where labels lie far from 0.
        var (mean, variance) = (sum / total, 0.0);
        for (var row = 0; row < targets.Length; row++)
        {
            variance += float.IsNaN(targets[row]) ? 0 : weights[row] * Math.Pow(targets[row] - mean, 2);
        }

        return new(Math.Sqrt(squared / total), absolute / total, variance > 0 ? 1 - (squared / variance) : double.NaN);
    }
}

/// <summary>The logarithm of a probability that was computed in float32.</summary>
internal static class LogProbability
{
    // A float32 just below 1 is this far from it; a probability that rounded to 0 or 1 is not more certain than that.
    private const double Epsilon = 1.0 / (1 << 23);

    /// <summary>log p, with p kept off 0 and 1.</summary>
    public static double Of(double probability) => Math.Log(Math.Clamp(probability, Epsilon, 1 - Epsilon));
}
