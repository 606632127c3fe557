using TorchSharp;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>An optimiser on one flat vector: a few operations for the whole model, whatever its parts.</summary>
internal abstract class TorchOptimizer : IDisposable
{
    /// <summary>The optimiser of a value, before its first update.</summary>
    /// <param name="optimizer">The value.</param>
    /// <param name="length">The length of the flat vector.</param>
    /// <param name="device">Where the vector lies.</param>
    public static TorchOptimizer Of(Optimizer optimizer, int length, Device device) => optimizer switch
    {
        Adam adam => new TorchAdam(length, adam, device),
        Sgd sgd => new TorchSgd(length, sgd, device),
        _ => throw new ArgumentException($"there is no update for {optimizer}", nameof(optimizer)),
    };

    /// <summary>The number of updates done.</summary>
    public long Updates { get; protected set; }

    /// <summary>Changes parameters in place. Gradients must be off.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="gradient">Its gradient, which may be overwritten.</param>
    /// <param name="learningRate">α.</param>
    /// <param name="trained">1 where parameters may change and 0 where not, whatever the state says; null where all may.</param>
    public abstract void Update(Tensor parameters, Tensor gradient, double learningRate, Tensor? trained = null);

    /// <summary>The state, copied.</summary>
    public abstract OptimizerState Save();

    /// <summary>Takes a state in place of the present one.</summary>
    public abstract void Load(OptimizerState state);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>See <see cref="Sgd"/>.</summary>
internal sealed class TorchSgd : TorchOptimizer
{
    private readonly int length;
    private readonly Tensor velocity;
    private readonly Scalar momentum;
    private readonly Scalar? decay;

    /// <summary>The state before the first update.</summary>
    public TorchSgd(int length, Sgd options, Device device)
    {
        this.length = length;
        this.velocity = zeros(length, ScalarType.Float32, device).DetachFromDisposeScope();
        this.momentum = options.Momentum;
        this.decay = options.WeightDecay > 0 ? options.WeightDecay : null;
    }

    /// <inheritdoc/>
    public override void Update(Tensor parameters, Tensor gradient, double learningRate, Tensor? trained = null)
    {
        this.Updates++;
        if (this.decay is { } decay)
        {
            gradient.add_(parameters, decay);
        }

        this.velocity.mul_(this.momentum).add_(gradient, RootedScalars.One);
        using Scalar rate = -learningRate;
        parameters.add_(trained is null ? this.velocity : this.velocity.mul(trained), rate);
    }

    /// <inheritdoc/>
    public override OptimizerState Save() => new(this.Updates, this.velocity.ToFlat(), new float[this.length]);

    /// <inheritdoc/>
    public override void Load(OptimizerState state)
    {
        this.velocity.LoadFlat(state.FirstMoment);
        this.Updates = state.Steps - state.Skipped;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        this.velocity.Dispose();
        this.momentum.Dispose();
        this.decay?.Dispose();
    }
}
