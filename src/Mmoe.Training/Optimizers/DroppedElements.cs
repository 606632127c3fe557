using System.Globalization;
using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>What dropout drops: derived from the seed, the step and the name of the layer, so that every engine drops the same.</summary>
internal static class DroppedElements
{
    /// <summary>What the numbers of a layer derive from.</summary>
    /// <param name="name">The name of the layer.</param>
    /// <param name="batch">The number of the batch within the step, from 0.</param>
    public static string Stream(string name, int batch) =>
        batch == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}/{batch}");

    /// <summary>The factors of one layer, row by row.</summary>
    public static void Fill(Span<float> factors, int seed, long step, string name, double rate) =>
        Fill(factors, StepRandom.Of(seed, step, name), rate);

    /// <summary>The factors of one layer, row by row.</summary>
    /// <param name="factors">To be written.</param>
    /// <param name="random">At the start of the layer's stream.</param>
    /// <param name="rate">The probability of a 0.</param>
    public static void Fill(Span<float> factors, DeterministicRandom random, double rate)
    {
        var kept = (float)(1 / (1 - rate));
        foreach (ref var factor in factors)
        {
            factor = random.NextDouble() < rate ? 0 : kept;
        }
    }
}
