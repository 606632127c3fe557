namespace Mmoe.Training.Fused;

/// <summary>How <see cref="FusedEngine"/> computes.</summary>
/// <param name="Threads">
/// Threads that large batches and rows to evaluate are shared among; the number changes no bit of any result.
/// </param>
/// <param name="Seed">What dropout and the order of tasks in PCGrad derive from, together with the step.</param>
public sealed record FusedOptions(int Threads = 1, int Seed = 0)
{
    /// <summary>How gradients change parameters.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How long a gradient may be.</summary>
    public Clipping Clipping { get; init; } = Clipping.None;

    /// <summary>See <see cref="FusedProgram.BlocksAtOnce"/>; null for what the model asks for. It changes no bit of any result.</summary>
    internal int? BlocksAtOnce { get; init; }
}
