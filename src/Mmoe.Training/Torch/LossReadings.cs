using System.Globalization;
using Mmoe.Data;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>The losses of an epoch's steps as they come in from the device.</summary>
/// <param name="rows">The rows of the epoch.</param>
/// <param name="batchSize">Rows per step, but for the last.</param>
/// <param name="areSums">Whether a loss comes as a sum over the batch's rows; else as a mean.</param>
/// <param name="stepsBefore">The steps of the run before the epoch.</param>
internal sealed class LossReadings(int rows, int batchSize, bool areSums, long stepsBefore)
{
    private double sum;

    /// <summary>The number of steps read.</summary>
    public int Steps { get; private set; }

    /// <summary>The mean loss over the rows of the steps read; 0 before the first.</summary>
    public double Mean => this.Steps == 0 ? 0 : this.sum / Math.Min(rows, (long)this.Steps * batchSize);

    /// <summary>Takes the losses of the steps that follow.</summary>
    /// <returns>A fault if one is not finite.</returns>
    public Fault? Add(ReadOnlySpan<float> losses)
    {
        foreach (var loss in losses)
        {
            if (!float.IsFinite(loss))
            {
                var step = stepsBefore + this.Steps + 1;
                return Fault.Run(
                    string.Create(CultureInfo.InvariantCulture, $"the loss of step {step} (batch {this.Steps + 1} of the epoch) is {loss}"),
                    "go back to an earlier checkpoint and lower the learning rate, or look for extreme values in that batch's rows");
            }

            var first = (long)this.Steps * batchSize;
            this.sum += areSums ? loss : loss * Math.Min(batchSize, rows - first);
            this.Steps++;
        }

        return null;
    }
}

/// <summary>What gradients start from: 1 / divisor as a scalar tensor, made once per divisor.</summary>
/// <param name="device">Where the loss lies.</param>
internal sealed class LossScales(Device device) : IDisposable
{
    private readonly Dictionary<int, Tensor> scales = [];

    /// <summary>1 / <paramref name="divisor"/>.</summary>
    public Tensor Of(int divisor)
    {
        if (!this.scales.TryGetValue(divisor, out var scale))
        {
            scale = tensor(1f / divisor, device: device).DetachFromDisposeScope();
            this.scales.Add(divisor, scale);
        }

        return scale;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var scale in this.scales.Values)
        {
            scale.Dispose();
        }

        this.scales.Clear();
    }
}
