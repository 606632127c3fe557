using Mmoe.Model;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>The loss of a batch; see <see cref="Loss"/> for its definition.</summary>
internal static class TorchLoss
{
    /// <summary>
    /// The loss times <see cref="Divisor"/>: without missing labels and weights a plain sum over rows and tasks, whose division by the
    /// number of rows is left to the caller, since it need not be an operation.
    /// </summary>
    /// <param name="groups">The groups of towers.</param>
    /// <param name="logits">Per group, [towers, rows, width].</param>
    /// <param name="targets">Per group.</param>
    public static Tensor Of(IReadOnlyList<TowerGroup> groups, Tensor[] logits, TorchTargets[] targets)
    {
        var sum = OfGroup(groups[0].Head, logits[0], targets[0]);
        for (var i = 1; i < logits.Length; i++)
        {
            sum = sum.add(OfGroup(groups[i].Head, logits[i], targets[i]), RootedScalars.One);
        }

        return sum;
    }

    /// <summary>By what <see cref="Of"/> is to be divided.</summary>
    /// <param name="rows">The batch.</param>
    public static int Divisor(TorchRows rows) => rows.Targets[0].Weights is null ? rows.Rows : 1;

    private static Tensor OfGroup(Head head, Tensor logits, TorchTargets targets)
    {
        var share = targets.Weights is { } weights ? Share(weights) : null;
        return head switch
        {
            BinaryHead => functional.binary_cross_entropy_with_logits(logits, targets.Values, share, Reduction.Sum),
            MulticlassHead => CrossEntropy(logits, targets.Values, share),
            RegressionHead when share is null => functional.mse_loss(logits, targets.Values, Reduction.Sum),
            RegressionHead => functional.mse_loss(logits, targets.Values, Reduction.None).mul(share).sum(),
            _ => throw new ArgumentException($"there is no loss for {head}", nameof(head)),
        };
    }

    private static Tensor CrossEntropy(Tensor logits, Tensor classes, Tensor? share)
    {
        var rows = logits.reshape(-1, logits.shape[2]);
        return share is null
            ? functional.cross_entropy(rows, classes.reshape(-1), reduction: Reduction.Sum)
            : functional.cross_entropy(rows, classes.reshape(-1), reduction: Reduction.None).mul(share.reshape(-1)).sum();
    }

    // A task without any weight in the batch has weights of 0 only; the divisor then is the least normal number in place of 0.
    private static Tensor Share(Tensor weights)
    {
        using var noGrad = no_grad();
        return weights.div(weights.sum(1L, keepdim: true).clamp_min(RootedScalars.LeastNormal));
    }
}
