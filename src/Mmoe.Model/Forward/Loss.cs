namespace Mmoe.Model;

/// <summary>What training minimises, task by task.</summary>
/// <param name="Tasks">
/// Per task, in order: the mean over the rows that have the label, weighted by the rows' weights; 0 where no such row has any weight.
/// </param>
/// <param name="Weights">Per task, the weight of the rows that have the label.</param>
public sealed record Loss(EquatableArray<double> Tasks, EquatableArray<double> Weights)
{
    /// <summary>The sum over tasks.</summary>
    public double Total => this.Tasks.Sum();

    /// <summary>
    /// The reference loss, in double precision: binary cross-entropy and cross-entropy from logits, in nats; squared or Huber's error of the
    /// standardised target. See the heads for their formulas.
    /// </summary>
    /// <param name="spec">The model.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="logits">[rows, widths of all heads].</param>
    /// <param name="targets">[rows, tasks]: 0 or 1, the class index, or the standardised number; NaN where the label is missing.</param>
    /// <param name="weights">[rows].</param>
    public static Loss Of(
        ModelSpec spec, int rows, ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var (losses, totals) = (new double[spec.Towers.Count], new double[spec.Towers.Count]);
        var first = 0;
        for (var t = 0; t < losses.Length; t++)
        {
            var head = spec.Towers[t].Head;
            var sum = 0.0;
            for (var row = 0; row < rows; row++)
            {
                var target = targets[(row * losses.Length) + t];
                if (!float.IsNaN(target))
                {
                    sum += weights[row] * OfRow(head, logits.Slice((row * spec.LogitWidth) + first, head.Width), target);
                    totals[t] += weights[row];
                }
            }

            losses[t] = totals[t] > 0 ? sum / totals[t] : 0;
            first += head.Width;
        }

        return new(new EquatableArray<double>(losses), new EquatableArray<double>(totals));
    }

    /// <summary>The losses of all tasks as the one number that a step follows.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="logVariances">Per task its s, where weights are learned; else not looked at.</param>
    /// <returns>The weighted sum. With <see cref="PcGradWeighting"/>, which mixes gradients and not losses, it is the plain sum.</returns>
    public double Weighted(ModelSpec spec, ReadOnlySpan<float> logVariances)
    {
        var sum = 0.0;
        for (var t = 0; t < this.Tasks.Count; t++)
        {
            sum += spec.Weighting switch
            {
                FixedWeighting weighting => weighting.Of(spec.Towers[t].Task) * this.Tasks[t],
                UncertaintyWeighting when this.Weights[t] > 0 =>
                    (Math.Exp(-logVariances[t]) * Likelihood(spec.Towers[t].Head) * this.Tasks[t]) + (logVariances[t] / 2.0),
                _ => this.Tasks[t],
            };
        }

        return sum;
    }

    /// <summary>By what a loss is multiplied to be a negative log-likelihood at variance 1: the squared error is twice one.</summary>
    /// <param name="head">The head.</param>
    public static double Likelihood(Head head) => head is RegressionHead { HuberDelta: null } ? 0.5 : 1;

    private static double OfRow(Head head, ReadOnlySpan<float> logits, float target) => head switch
    {
        BinaryHead binary => Binary(logits[0], binary.Smoothed(target), binary.PositiveWeight),
        MulticlassHead multiclass => Multiclass(logits, (int)target, multiclass.LabelSmoothing),
        RegressionHead { HuberDelta: { } delta } => Huber(Math.Abs(logits[0] - (double)target), delta),
        RegressionHead => Square(logits[0] - (double)target),
        _ => throw new ArgumentException($"there is no loss for {head}", nameof(head)),
    };

    // -p·y·log σ(z) - (1-y)·log(1-σ(z)), where -log σ(z) = softplus(-z) and -log(1-σ(z)) = softplus(z).
    private static double Binary(double logit, double target, double positiveWeight) =>
        (positiveWeight * target * SoftPlus(-logit)) + ((1 - target) * SoftPlus(logit));

    // log(1 + exp(x)), rearranged so that no exponential overflows.
    private static double SoftPlus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));

    private static double Multiclass(ReadOnlySpan<float> logits, int label, double smoothing)
    {
        var (normaliser, sum) = (LogSumExp(logits), 0.0);
        foreach (var logit in logits)
        {
            sum += normaliser - logit;
        }

        return ((1 - smoothing) * (normaliser - logits[label])) + (smoothing * sum / logits.Length);
    }

    private static double Huber(double error, double delta) =>
        error <= delta ? error * error / 2 : delta * (error - (delta / 2));

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double greatest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            greatest = Math.Max(greatest, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - greatest);
        }

        return greatest + Math.Log(sum);
    }

    private static double Square(double x) => x * x;
}
