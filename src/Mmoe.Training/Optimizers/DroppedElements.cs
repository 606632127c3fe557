using System.Globalization;

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
    public static void Fill(Span<float> factors, int seed, long step, string name, double rate)
    {
        var random = StepRandom.Of(seed, step, name);
        var kept = (float)(1 / (1 - rate));
        foreach (ref var factor in factors)
        {
            factor = random.NextDouble() < rate ? 0 : kept;
        }
    }
}
