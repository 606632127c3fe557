namespace Mmoe.Training.Torch;

/// <summary>How <see cref="TorchEngine"/> computes.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Threads">
/// Threads within an operation; a setting of the whole process. Steps of usual size gain nothing from more than one. The same number gives
/// the same bits.
/// </param>
/// <param name="Seed">What dropout and the order of tasks in PCGrad derive from, together with the step.</param>
public sealed record TorchOptions(string Device = "cpu", int Threads = 1, int Seed = 0)
{
    /// <summary>How gradients change parameters.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How long a gradient may be.</summary>
    public Clipping Clipping { get; init; } = Clipping.None;

    /// <summary>What training computes in; <see cref="IEngine.Logits"/> are float32 always, as those of who uses the model later.</summary>
    public Precision Precision { get; init; }
}
