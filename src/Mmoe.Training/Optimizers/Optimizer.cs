namespace Mmoe.Training;

/// <summary>How a gradient changes parameters. A value; the state that goes with it is <see cref="OptimizerState"/>.</summary>
/// <param name="WeightDecay">λ: how strongly parameters are drawn to 0; what that means is the optimiser's.</param>
public abstract record Optimizer(double WeightDecay);

/// <summary>
/// Adam, exact and dense: a parameter whose gradient is 0 in a step still moves by its moments. Kingma &amp; Ba 2015, algorithm 1.
/// </summary>
/// <param name="Beta1">β1: how much of the first moment a step keeps.</param>
/// <param name="Beta2">β2: how much of the second moment a step keeps.</param>
/// <param name="Epsilon">ε: added to the root of the second moment, after bias correction.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="IsDecoupled">
/// Whether decay acts on the parameters alone, θ ← θ - α·λ·θ (AdamW; Loshchilov &amp; Hutter 2019, algorithm 2, with the schedule in α); else
/// λ·θ is part of the gradient.
/// </param>
public sealed record Adam(
    double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0, bool IsDecoupled = false)
    : Optimizer(WeightDecay);

/// <summary>
/// Stochastic gradient descent: v ← μ·v + g, θ ← θ - α·v, with λ·θ as part of g. Without momentum v is the gradient.
/// </summary>
/// <param name="Momentum">μ.</param>
/// <param name="WeightDecay">λ.</param>
public sealed record Sgd(double Momentum = 0.9, double WeightDecay = 0) : Optimizer(WeightDecay);

/// <summary>How long a gradient may be before it changes parameters.</summary>
public abstract record Clipping
{
    /// <summary>As long as it is.</summary>
    public static Clipping None { get; } = new NoClipping();
}

/// <summary>See <see cref="Clipping.None"/>.</summary>
public sealed record NoClipping : Clipping;

/// <summary>The gradient of all parameters, as one vector, is shortened to a norm that it exceeds; Pascanu et al. 2013, algorithm 1.</summary>
/// <param name="Norm">The greatest Euclidean norm.</param>
public sealed record GlobalNormClipping(double Norm) : Clipping;

/// <summary>The gradient of each parameter tensor is shortened for itself, as the reference system does.</summary>
/// <param name="Norm">The greatest Euclidean norm.</param>
public sealed record TensorNormClipping(double Norm) : Clipping;

/// <summary>What the passes through the network are computed in. Parameters, losses and the optimiser's state are float32 always.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>Eight bits of mantissa and the range of single precision.</summary>
    BFloat16,

    /// <summary>Half precision; the loss is scaled so that small gradients do not vanish, see <see cref="LossScale"/>.</summary>
    Float16,
}

/// <summary>
/// By what a loss is multiplied before it is differentiated in half precision; the gradient is divided by it afterwards. Micikevicius et
/// al. 2018, section 3.2, with the reference system's numbers.
/// </summary>
/// <param name="Factor">The factor, a power of 2.</param>
/// <param name="GoodSteps">The steps since it changed or a gradient overflowed.</param>
public sealed record LossScale(double Factor, int GoodSteps)
{
    /// <summary>So many steps without an overflow double the factor.</summary>
    public const int Patience = 1_000;

    /// <summary>The factor that a run starts with.</summary>
    public static LossScale Initial { get; } = new(4_096, 0);

    /// <summary>Whether the factor is so small that a gradient which overflows all the same is no question of scale.</summary>
    public bool IsExhausted => this.Factor < 1.0 / (1 << 14);

    /// <summary>The scale after a step.</summary>
    /// <param name="isFinite">Whether its gradient was finite; a step whose gradient was not changes no parameter.</param>
    public LossScale After(bool isFinite) =>
        !isFinite ? new(this.Factor / 2, 0)
        : this.GoodSteps + 1 == Patience && this.Factor < 1L << 40 ? new(this.Factor * 2, 0)
        : this with { GoodSteps = this.GoodSteps + 1 };
}
