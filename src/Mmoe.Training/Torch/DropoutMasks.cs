using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Mmoe.Training.Torch;

/// <summary>
/// What is dropped in a step: derived from the seed, the step and the name of the layer, so that there is no state to save, and every engine
/// on every device drops the same.
/// </summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="step">The steps done before.</param>
/// <param name="batch">The number of the batch within the step, from 0.</param>
internal sealed class DropoutMasks(int seed, long step, int batch = 0)
{
    /// <summary>Factors for equal layers: 0 with the probability of the rate, else 1 / (1 - rate).</summary>
    /// <param name="names">The names of the layers.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="rate">The probability of a 0.</param>
    /// <param name="device">Where they are wanted.</param>
    /// <returns>[layers, rows, width].</returns>
    public Tensor Of(string[] names, int rows, int width, double rate, Device device)
    {
        var factors = new float[checked(names.Length * rows * width)];
        for (var i = 0; i < names.Length; i++)
        {
            DroppedElements.Fill(factors.AsSpan(i * rows * width, rows * width), seed, step, DroppedElements.Stream(names[i], batch), rate);
        }

        return TensorCopies.ToTensor<float>(factors, ScalarType.Float32).view(names.Length, rows, width).to(device);
    }
}
