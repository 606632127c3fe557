namespace Mmoe.Training.Torch;

/// <summary>How <see cref="TorchEngine"/> computes.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Threads">
/// Threads within an operation; a setting of the whole process. Steps of usual size gain nothing from more than one. The same number gives
/// the same bits.
/// </param>
/// <param name="Adam">The constants of the optimiser.</param>
/// <param name="Seed">What dropout and the order of tasks in PCGrad derive from, together with the step.</param>
public sealed record TorchOptions(string Device = "cpu", int Threads = 1, AdamOptions? Adam = null, int Seed = 0);
