using System.Runtime.CompilerServices;

namespace Mmoe.Training.Fused;

/// <summary>How methods are compiled.</summary>
internal static class Compiled
{
    /// <summary>
    /// Optimised from its first call on. The first compilation of other methods is not, and vectors are then ten times slower: for a kernel
    /// that runs ten thousand times a second, the half second until its second compilation is a good part of a short run.
    /// </summary>
    public const MethodImplOptions AtOnce = MethodImplOptions.AggressiveOptimization;
}
