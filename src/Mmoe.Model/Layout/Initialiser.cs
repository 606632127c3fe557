using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// The values that parameters start from. A tensor's values depend on the seed and its name alone, so that a model with another tower, gate
/// or engine starts with the same numbers in all that is the same.
/// </summary>
public static class Initialiser
{
    /// <summary>The deviation of a standard normal cut at two deviations; dividing by it gives back the variance asked for.</summary>
    private const double TruncatedDeviation = 0.87962566103423978;

    /// <summary>Initial values.</summary>
    /// <param name="layout">The parameters.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <returns>The flat vector; columns that no parameter uses are 0.</returns>
    public static float[] Values(ParameterLayout layout, int seed)
    {
        var values = new float[layout.Length];
        foreach (var entry in layout.Entries)
        {
            var own = entry.Initialisation switch
            {
                TruncatedNormalInitialisation => TruncatedNormal(entry, seed),
                GivenInitialisation given => [.. given.Values],
                ConstantInitialisation constant => Enumerable.Repeat(constant.Value, entry.Count).ToArray(),
                _ => throw new ArgumentException($"there is no start for {entry.Initialisation}", nameof(layout)),
            };
            entry.CopyTo(own, values);
        }

        return values;
    }

    private static float[] TruncatedNormal(ParameterEntry entry, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, entry.Name);
        var deviation = Math.Sqrt(1.0 / entry.FanIn) / TruncatedDeviation;
        var values = new float[entry.Count];
        foreach (ref var value in values.AsSpan())
        {
            double normal;
            do
            {
                normal = random.NextNormal();
            }
            while (Math.Abs(normal) > 2);

            value = (float)(normal * deviation);
        }

        return values;
    }
}
