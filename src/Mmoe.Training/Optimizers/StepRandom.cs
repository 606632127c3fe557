using Mmoe.Data;

namespace Mmoe.Training;

/// <summary>The random numbers of a step: derived anew, so that there is no state of them to save.</summary>
internal static class StepRandom
{
    /// <summary>The start of a stream.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The steps done before.</param>
    /// <param name="stream">What the numbers are for.</param>
    public static DeterministicRandom Of(int seed, long step, string stream) =>
        DeterministicRandom.FromSeed((ulong)seed ^ ((ulong)step << 32), stream);
}
