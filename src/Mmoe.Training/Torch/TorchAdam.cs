using TorchSharp;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>
/// Adam, exact and dense, on one flat vector: Kingma &amp; Ba 2015, algorithm 1. Six operations for the whole model, whatever its parts.
/// </summary>
internal sealed class TorchAdam : IDisposable
{
    private readonly AdamOptions options;
    private readonly Tensor first;
    private readonly Tensor second;
    private readonly Scalar keepFirst;
    private readonly Scalar takeFirst;
    private readonly Scalar keepSecond;
    private readonly Scalar takeSecond;

    /// <summary>The state before the first step.</summary>
    /// <param name="length">The length of the flat vector.</param>
    /// <param name="options">The constants.</param>
    /// <param name="device">Where the vector lies.</param>
    public TorchAdam(int length, AdamOptions options, Device device)
    {
        this.options = options;
        this.first = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        this.second = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        (this.keepFirst, this.takeFirst) = (options.Beta1, 1 - options.Beta1);
        (this.keepSecond, this.takeSecond) = (options.Beta2, 1 - options.Beta2);
    }

    /// <summary>The number of steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>The state, copied.</summary>
    public OptimizerState Save() => new(this.Steps, this.first.ToFlat(), this.second.ToFlat());

    /// <summary>Takes a state in place of the present one.</summary>
    public void Load(OptimizerState state)
    {
        this.first.LoadFlat(state.FirstMoment);
        this.second.LoadFlat(state.SecondMoment);
        this.Steps = state.Steps;
    }

    /// <summary>Changes parameters in place. Gradients must be off.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="learningRate">α.</param>
    /// <param name="trained">1 where parameters may change and 0 where not, whatever the moments say; null where all may.</param>
    public void Update(Tensor parameters, Tensor gradient, double learningRate, Tensor? trained = null)
    {
        this.Steps++;
        this.first.mul_(this.keepFirst).add_(gradient, this.takeFirst);
        this.second.mul_(this.keepSecond).addcmul_(gradient, gradient, this.takeSecond);

        // α·(m/c₁) / (√(v/c₂) + ε) with √c₂ moved to the numbers: α·√c₂/c₁ · m / (√v + ε·√c₂).
        var root = Math.Sqrt(1 - Math.Pow(this.options.Beta2, this.Steps));
        using Scalar epsilon = this.options.Epsilon * root;
        using Scalar rate = -learningRate * root / (1 - Math.Pow(this.options.Beta1, this.Steps));
        parameters.addcdiv_(trained is null ? this.first : this.first.mul(trained), this.second.sqrt().add_(epsilon, RootedScalars.One), rate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        this.first.Dispose();
        this.second.Dispose();
        this.keepFirst.Dispose();
        this.takeFirst.Dispose();
        this.keepSecond.Dispose();
        this.takeSecond.Dispose();
    }
}
