using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>The random numbers of a step: derived anew, so that there is no state of them to save.</summary>
internal static class StepRandom
{
    /// <summary>The start of a stream.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The steps done before.</param>
    /// <param name="stream">What the numbers are for.</param>
    public static DeterministicRandom Of(int seed, long step, string stream) => DeterministicRandom.FromSeed(Seed(seed, step), stream);

    /// <summary>The start of a stream, by an object that was used before.</summary>
    /// <param name="random">What gives the numbers.</param>
    /// <param name="seed"><inheritdoc cref="Of" path="/param[@name='seed']"/></param>
    /// <param name="step"><inheritdoc cref="Of" path="/param[@name='step']"/></param>
    /// <param name="stream"><inheritdoc cref="Of" path="/param[@name='stream']"/></param>
    public static void Restart(DeterministicRandom random, int seed, long step, string stream) => random.Restart(Seed(seed, step), stream);

    private static ulong Seed(int seed, long step) => (ulong)seed ^ ((ulong)step << 32);
}
