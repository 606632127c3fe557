namespace Mmoe.Training;

/// <summary>
/// What a configuration says of the steps beyond rate, batch and epochs. What is null is not stated: there is a default, or no use for it.
/// </summary>
public sealed record OptimizationOptions
{
    /// <summary>Adam with its usual constants, and nothing else.</summary>
    public static OptimizationOptions Default { get; } = new();

    /// <summary>One of <see cref="OptimizerNames"/>.</summary>
    public string Optimizer { get; init; } = OptimizerNames.Adam;

    /// <summary>See <see cref="Adam.Beta1"/>.</summary>
    public double? Beta1 { get; init; }

    /// <summary>See <see cref="Adam.Beta2"/>.</summary>
    public double? Beta2 { get; init; }

    /// <summary>See <see cref="Adam.Epsilon"/>.</summary>
    public double? Epsilon { get; init; }

    /// <summary>See <see cref="Sgd.Momentum"/>.</summary>
    public double? Momentum { get; init; }

    /// <summary>See <see cref="Training.Optimizer.WeightDecay"/>; by default 0.01 for AdamW, which would be Adam without it, and else 0.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>One of <see cref="ClippingNames"/>.</summary>
    public string Clip { get; init; } = ClippingNames.None;

    /// <summary>The norm to clip by; by default the reference system's 5.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>See <see cref="EpochWork.Accumulate"/>.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>See <see cref="Training.Precision"/>.</summary>
    public Precision Precision { get; init; }

    /// <summary>The schedule <c>step</c>: epochs between two falls; the schedule <c>plateau</c>: epochs without a better score before one.</summary>
    public int? DecayEpochs { get; init; }

    /// <summary>The schedules <c>step</c> and <c>plateau</c>: by what the rate is multiplied when it falls.</summary>
    public double? DecayFactor { get; init; }

    /// <summary>Epochs without a better score after which training stops; 0 to go on to the end.</summary>
    public int EarlyStopping { get; init; }

    /// <summary>Whose score early stopping and the schedule <c>plateau</c> look at: a task's, or the average.</summary>
    public string? Monitor { get; init; }

    /// <summary>Whether every epoch is measured on the train split too; see <see cref="EpochReport.Train"/>.</summary>
    public bool TrainMetrics { get; init; } = true;
}

/// <summary>The optimisers of the command line.</summary>
public static class OptimizerNames
{
    /// <summary><see cref="Training.Adam"/>.</summary>
    public const string Adam = "adam";

    /// <summary><see cref="Training.Adam"/> with decoupled decay.</summary>
    public const string AdamW = "adamw";

    /// <summary><see cref="Training.Sgd"/>.</summary>
    public const string Sgd = "sgd";

    /// <summary>The optimisers that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = [Adam, AdamW, Sgd];
}

/// <summary>The clippings of the command line.</summary>
public static class ClippingNames
{
    /// <summary><see cref="Clipping.None"/>.</summary>
    public const string None = "none";

    /// <summary><see cref="GlobalNormClipping"/>.</summary>
    public const string Global = "global";

    /// <summary><see cref="TensorNormClipping"/>.</summary>
    public const string Tensor = "tensor";

    /// <summary>The clippings that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = [None, Global, Tensor];
}
