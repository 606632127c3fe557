using Mmoe.Model;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>The loss of a batch; see <see cref="Loss"/> for its definition.</summary>
internal sealed class TorchLoss : IDisposable
{
    private readonly TowerGroup[] groups;
    private readonly Tensor?[] positiveWeights;
    private readonly Tensor taskWeights;
    private readonly Tensor? logVariances;
    private readonly Tensor halves;

    /// <summary>Prepares the loss.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="groups">The groups of towers.</param>
    /// <param name="logVariances">The leaf of what <see cref="UncertaintyWeighting"/> learns, [tasks]; null with other weightings.</param>
    /// <param name="device">Where to compute.</param>
    public TorchLoss(ModelSpec spec, TowerGroup[] groups, Tensor? logVariances, Device device)
    {
        this.groups = groups;
        this.logVariances = logVariances;
        this.IsPlain = spec.Weighting is FixedWeighting weighting && spec.Towers.All(tower => weighting.Of(tower.Task) == 1);
        this.positiveWeights = Array.ConvertAll(groups, group => group.Head is BinaryHead { PositiveWeight: not 1 and var weight }
            ? Constant([(float)weight], device)
            : null);
        this.taskWeights = Constant(
            [
                .. spec.Towers.Select(tower => (float)(spec.Weighting switch
                {
                    FixedWeighting fix => fix.Of(tower.Task),
                    UncertaintyWeighting => Loss.Likelihood(tower.Head),
                    _ => 1,
                })),
            ],
            device);
        this.halves = Constant([.. Enumerable.Repeat(0.5f, spec.Towers.Count)], device);
    }

    /// <summary>Whether the loss is the plain sum over tasks; then <see cref="Sum"/> gives it in the fewest operations.</summary>
    public bool IsPlain { get; }

    /// <summary>
    /// The plain loss times <see cref="Divisor"/>: without missing labels and weights a plain sum over rows and tasks, whose division by the
    /// number of rows is left to the caller, since it need not be an operation.
    /// </summary>
    /// <param name="logits">Per group, [towers, rows, width].</param>
    /// <param name="targets">Per group.</param>
    public Tensor Sum(Tensor[] logits, TorchTargets[] targets)
    {
        var sum = this.SumOfGroup(0, logits[0], targets[0]);
        for (var i = 1; i < logits.Length; i++)
        {
            sum = sum.add(this.SumOfGroup(i, logits[i], targets[i]), RootedScalars.One);
        }

        return sum;
    }

    /// <summary>By what the loss of a batch is to be divided.</summary>
    /// <param name="rows">The batch.</param>
    public int Divisor(TorchRows rows) => this.IsPlain && rows.Targets[0].Weights is null ? rows.Rows : 1;

    /// <summary>The loss of each task, [tasks], in the order of towers.</summary>
    /// <param name="logits"><inheritdoc cref="Sum" path="/param[@name='logits']"/></param>
    /// <param name="targets"><inheritdoc cref="Sum" path="/param[@name='targets']"/></param>
    public Tensor PerTask(Tensor[] logits, TorchTargets[] targets)
    {
        var losses = new Tensor[this.groups.Length];
        for (var i = 0; i < losses.Length; i++)
        {
            var each = this.OfRows(i, logits[i], targets[i].Values, Reduction.None).view(this.groups[i].Count, -1);
            losses[i] = targets[i].Weights is { } weights ? each.mul(Share(weights).view(this.groups[i].Count, -1)).sum(1L) : each.mean([1L]);
        }

        return losses.Length == 1 ? losses[0] : cat(losses);
    }

    /// <summary>The losses of tasks as one number; see <see cref="Loss.Weighted"/>.</summary>
    /// <param name="losses">[tasks].</param>
    /// <param name="targets"><inheritdoc cref="Sum" path="/param[@name='targets']"/></param>
    public Tensor Weighted(Tensor losses, TorchTargets[] targets)
    {
        if (this.logVariances is not { } leaf)
        {
            return losses.dot(this.taskWeights);
        }

        var s = leaf.to(ScalarType.Float32);
        var sum = s.neg().exp().mul(this.taskWeights).mul(losses).add(s.mul(this.halves), RootedScalars.One);
        return targets[0].Weights is null ? sum.sum() : sum.mul(Present(targets)).sum();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in this.positiveWeights)
        {
            weight?.Dispose();
        }

        this.taskWeights.Dispose();
        this.halves.Dispose();
    }

    private static Tensor Constant(ReadOnlySpan<float> values, Device device)
    {
        using var scope = NewDisposeScope();
        return TensorCopies.ToTensor(values, ScalarType.Float32).to(device).DetachFromDisposeScope();
    }

    private Tensor SumOfGroup(int group, Tensor logits, TorchTargets targets) => targets.Weights is { } weights
        ? this.OfRows(group, logits, targets.Values, Reduction.None).mul(Share(weights).view(this.RowShape(group, logits))).sum()
        : this.OfRows(group, logits, targets.Values, Reduction.Sum);

    // Cross-entropy gives one number per row of all towers, the others one per logit.
    private long[] RowShape(int group, Tensor logits) =>
        this.groups[group].Head is MulticlassHead ? [logits.shape[0] * logits.shape[1]] : [logits.shape[0], logits.shape[1], 1];

    private Tensor OfRows(int group, Tensor logits, Tensor targets, Reduction reduction) => this.groups[group].Head switch
    {
        BinaryHead => functional.binary_cross_entropy_with_logits(
            logits, targets, reduction: reduction, pos_weights: this.positiveWeights[group]),
        MulticlassHead head => functional.cross_entropy(
            logits.reshape(-1, logits.shape[2]), targets.reshape(-1), reduction: reduction, label_smoothing: head.LabelSmoothing),
        RegressionHead { HuberDelta: { } delta } => functional.huber_loss(logits, targets, delta, reduction),
        RegressionHead => functional.mse_loss(logits, targets, reduction),
        var head => throw new ArgumentException($"there is no loss for {head}"),
    };

    // A task without any weight in the batch has weights of 0 only; the divisor then is the least normal number in place of 0.
    private static Tensor Share(Tensor weights)
    {
        using var noGrad = no_grad();
        return weights.div(weights.sum(1L, keepdim: true).clamp_min(RootedScalars.LeastNormal));
    }

    // 1 for a task with a labelled row in the batch, else 0.
    private static Tensor Present(TorchTargets[] targets)
    {
        using var noGrad = no_grad();
        return cat(Array.ConvertAll(targets, target => target.Weights!.view(target.Weights.shape[0], -1).amax([1L]).sign()));
    }
}
