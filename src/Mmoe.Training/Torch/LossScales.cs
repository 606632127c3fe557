using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>What gradients start from: factor / divisor as a scalar tensor, made once per divisor.</summary>
/// <param name="device">Where the loss lies.</param>
/// <param name="factor">The scale of the loss.</param>
internal sealed class LossScales(Device device, double factor = 1) : IDisposable
{
    private readonly Dictionary<int, Tensor> scales = [];

    /// <summary>By what losses are scaled.</summary>
    public double Factor => factor;

    /// <summary>factor / <paramref name="divisor"/>.</summary>
    public Tensor Of(int divisor)
    {
        if (!this.scales.TryGetValue(divisor, out var scale))
        {
            scale = tensor((float)(factor / divisor), device: device).DetachFromDisposeScope();
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
