using Mmoe.Data;

namespace Mmoe.Training.Fused;

/// <summary>What is dropped in a batch: the same as every engine drops, see <see cref="DroppedElements"/>.</summary>
/// <param name="layers">The layers of dropout.</param>
/// <param name="seed">The seed of the run.</param>
internal sealed class DropoutNames(MaskedLayer[] layers, int seed)
{
    // Per number of a batch within its step, the names that its random numbers derive from.
    private readonly List<string[]> names = [];
    private readonly DeterministicRandom random = DeterministicRandom.FromSeed(0, "");

    /// <summary>Writes the factors of a batch.</summary>
    /// <param name="pass">Where to write.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="step">The steps done before.</param>
    /// <param name="batch">The number of the batch within the step, from 0.</param>
    public void Fill(BatchPass pass, int rows, long step, int batch)
    {
        while (this.names.Count <= batch)
        {
            this.names.Add([.. layers.Select(layer => DroppedElements.Stream(layer.Name, this.names.Count))]);
        }

        for (var layer = 0; layer < layers.Length; layer++)
        {
            StepRandom.Restart(this.random, seed, step, this.names[batch][layer]);
            DroppedElements.Fill(pass.Mask(layer, rows), this.random, layers[layer].Rate);
        }
    }
}
