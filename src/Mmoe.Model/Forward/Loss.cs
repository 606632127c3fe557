namespace Mmoe.Model;

/// <summary>What training minimises, task by task.</summary>
/// <param name="Tasks">
/// Per task, in order: the mean over the rows that have the label, weighted by the rows' weights; 0 where no such row has any weight.
/// </param>
public sealed record Loss(EquatableArray<double> Tasks)
{
    /// <summary>The sum over tasks.</summary>
    public double Total => this.Tasks.Sum();

    /// <summary>
    /// The reference loss, in double precision: binary cross-entropy and cross-entropy from logits, in nats; mean squared error of the
    /// standardised target.
    /// </summary>
    /// <param name="spec">The model.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="logits">[rows, widths of all heads].</param>
    /// <param name="targets">[rows, tasks]: 0 or 1, the class index, or the standardised number; NaN where the label is missing.</param>
    /// <param name="weights">[rows].</param>
    public static Loss Of(
        ModelSpec spec, int rows, ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        var losses = new double[spec.Towers.Count];
        var first = 0;
        for (var t = 0; t < losses.Length; t++)
        {
            var head = spec.Towers[t].Head;
            var (sum, total) = (0.0, 0.0);
            for (var row = 0; row < rows; row++)
            {
                var target = targets[(row * losses.Length) + t];
                if (!float.IsNaN(target))
                {
                    sum += weights[row] * OfRow(head, logits.Slice((row * spec.LogitWidth) + first, head.Width), target);
                    total += weights[row];
                }
            }

            losses[t] = total > 0 ? sum / total : 0;
            first += head.Width;
        }

        return new(new EquatableArray<double>(losses));
    }

    private static double OfRow(Head head, ReadOnlySpan<float> logits, float target) => head switch
    {
        BinaryHead => Binary(logits[0], target),
        MulticlassHead => LogSumExp(logits) - logits[(int)target],
        RegressionHead => Square(logits[0] - (double)target),
        _ => throw new ArgumentException($"there is no loss for {head}", nameof(head)),
    };

    // -y·log σ(z) - (1-y)·log(1-σ(z)), rearranged so that no exponential overflows.
    private static double Binary(double logit, double target) =>
        Math.Max(logit, 0) - (logit * target) + double.LogP1(Math.Exp(-Math.Abs(logit)));

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
