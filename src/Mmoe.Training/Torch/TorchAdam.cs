using TorchSharp;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>See <see cref="Adam"/>: six operations, and one or two more for a decay.</summary>
internal sealed class TorchAdam : TorchOptimizer
{
    private readonly Adam options;
    private readonly Tensor first;
    private readonly Tensor second;
    private readonly Tensor takeFirst;
    private readonly Scalar keepSecond;
    private readonly Scalar takeSecond;
    private readonly Scalar decay;

    /// <summary>The state before the first update.</summary>
    /// <param name="length">The length of the flat vector.</param>
    /// <param name="options">The constants.</param>
    /// <param name="device">Where the vector lies.</param>
    public TorchAdam(int length, Adam options, Device device)
    {
        this.options = options;
        this.first = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        this.second = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        this.takeFirst = tensor((float)(1 - options.Beta1), device: device).DetachFromDisposeScope();
        this.keepSecond = options.Beta2;
        this.takeSecond = 1 - options.Beta2;
        this.decay = options.WeightDecay;
    }

    /// <inheritdoc/>
    public override OptimizerState Save() => new(this.Updates, this.first.ToFlat(), this.second.ToFlat());

    /// <inheritdoc/>
    public override void Load(OptimizerState state)
    {
        this.first.LoadFlat(state.FirstMoment);
        this.second.LoadFlat(state.SecondMoment);
        this.Updates = state.Steps - state.Skipped;
    }

    /// <inheritdoc/>
    public override void Update(Tensor parameters, Tensor gradient, double learningRate, Tensor? trained = null)
    {
        this.Updates++;
        if (this.options is { WeightDecay: > 0, IsDecoupled: false })
        {
            gradient.add_(parameters, this.decay);
        }

        this.first.lerp_(gradient, this.takeFirst);
        this.second.mul_(this.keepSecond).addcmul_(gradient, gradient, this.takeSecond);
        if (this.options is { WeightDecay: > 0, IsDecoupled: true })
        {
            using Scalar shrink = -learningRate * this.options.WeightDecay;
            parameters.add_(trained is null ? parameters : parameters.mul(trained), shrink);
        }

        // α·(m/c₁) / (√(v/c₂) + ε) with √c₂ moved to the numbers: α·√c₂/c₁ · m / (√v + ε·√c₂).
        var root = Math.Sqrt(1 - Math.Pow(this.options.Beta2, this.Updates));
        using Scalar epsilon = this.options.Epsilon * root;
        using Scalar rate = -learningRate * root / (1 - Math.Pow(this.options.Beta1, this.Updates));
        parameters.addcdiv_(trained is null ? this.first : this.first.mul(trained), this.second.sqrt().add_(epsilon, RootedScalars.One), rate);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        this.first.Dispose();
        this.second.Dispose();
        this.takeFirst.Dispose();
        this.keepSecond.Dispose();
        this.takeSecond.Dispose();
        this.decay.Dispose();
    }
}
