using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>From logits to what a user sees: the one place, for every engine.</summary>
public static class Outputs
{
    /// <summary>
    /// Writes, per task in order, the probability of the positive class, one probability per class, or the number in the label's units.
    /// </summary>
    /// <param name="spec">The model.</param>
    /// <param name="scaling">The scales of the targets, one per tower.</param>
    /// <param name="logits">[rows, widths of all heads].</param>
    /// <param name="outputs">[rows, widths of all heads], to be written; may be the same memory as <paramref name="logits"/>.</param>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public static void Write(ModelSpec spec, TargetScaling scaling, ReadOnlySpan<float> logits, Span<float> outputs)
    {
        var towers = spec.Towers.AsSpan();
        var scales = scaling.Scales.AsSpan();
        var width = spec.LogitWidth;
        if (logits.Length != outputs.Length || logits.Length % width != 0 || scales.Length != towers.Length)
        {
            throw new ArgumentException(
                $"{logits.Length} logits, {outputs.Length} outputs and {scales.Length} scales do not fit {towers.Length} towers of {width}");
        }

        for (var position = 0; position < logits.Length;)
        {
            for (var t = 0; t < towers.Length; t++)
            {
                var head = towers[t].Head;
                Write(head, scales[t], logits.Slice(position, head.Width), outputs.Slice(position, head.Width));
                position += head.Width;
            }
        }
    }

    private static void Write(Head head, TargetScale scale, ReadOnlySpan<float> logits, Span<float> outputs)
    {
        switch (head)
        {
            case BinaryHead:
                outputs[0] = Elementwise.Sigmoid(logits[0]);
                break;
            case MulticlassHead:
                Elementwise.Softmax(logits, outputs);
                break;
            case RegressionHead:
                outputs[0] = scale.Restore(logits[0]);
                break;
            default:
                throw new ArgumentException($"there are no outputs for {head}", nameof(head));
        }
    }
}
