using Mmoe.Model;

namespace Mmoe.Training;

/// <summary>A number for a task, or for all tasks that it fits.</summary>
/// <param name="Task">The task; null for all.</param>
/// <param name="Value">The number.</param>
public sealed record TaskNumber(string? Task, double Value);

/// <summary>
/// What a configuration says of a model beyond its family and sizes. What is null is not stated: the family has its own default, or no use
/// for it.
/// </summary>
public sealed record ModelOptions
{
    /// <summary>The options of the reference model.</summary>
    public static ModelOptions Default { get; } = new();

    /// <summary>The activation of all hidden layers.</summary>
    public Activation Activation { get; init; } = Activation.ReLU;

    /// <summary>The rate of dropout after every hidden layer of experts and towers.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether a layer norm stands between each hidden layer and its activation.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Whether a hidden layer that is as wide as the hidden layer before it is gone around.</summary>
    public bool Residual { get; init; }

    /// <summary>Whether the dense layers of experts have a bias.</summary>
    public bool ExpertBias { get; init; } = true;

    /// <summary>Whether the logits of gates have a bias.</summary>
    public bool? GateBias { get; init; }

    /// <summary>The widths of hidden layers of gates.</summary>
    public EquatableArray<int> GateUnits { get; init; }

    /// <summary>The temperature of gates.</summary>
    public double? GateTemperature { get; init; }

    /// <summary>How many experts a gate chooses.</summary>
    public int? TopK { get; init; }

    /// <summary>CGC and PLE: the number of experts that all tasks share; by default half of <c>num_experts</c>.</summary>
    public int? SharedExperts { get; init; }

    /// <summary>CGC and PLE: the number of experts of each task's own; by default what is left of <c>num_experts</c>, spread evenly.</summary>
    public int? TaskExperts { get; init; }

    /// <summary>PLE: the number of levels; by default 2.</summary>
    public int? Levels { get; init; }

    /// <summary>Cross-stitch: what a task starts to take of its own; by default 0.9.</summary>
    public double? StitchOwn { get; init; }

    /// <summary>See <see cref="BinaryHead.PositiveWeight"/>.</summary>
    public EquatableArray<TaskNumber> PositiveWeight { get; init; }

    /// <summary>See <see cref="BinaryHead.LabelSmoothing"/> and <see cref="MulticlassHead.LabelSmoothing"/>.</summary>
    public EquatableArray<TaskNumber> LabelSmoothing { get; init; }

    /// <summary>See <see cref="RegressionHead.HuberDelta"/>.</summary>
    public EquatableArray<TaskNumber> HuberDelta { get; init; }

    /// <summary>How losses are weighed: one of <see cref="WeightingNames"/>.</summary>
    public string Weighting { get; init; } = WeightingNames.Fixed;

    /// <summary>The weights of tasks, where they are fixed.</summary>
    public EquatableArray<TaskNumber> TaskWeights { get; init; }

    /// <summary>Parts that training leaves as they are; see <see cref="ModelSpec.Frozen"/>.</summary>
    public EquatableArray<string> Freeze { get; init; }
}

/// <summary>The task weightings of the command line.</summary>
public static class WeightingNames
{
    /// <summary><see cref="FixedWeighting"/>.</summary>
    public const string Fixed = "fixed";

    /// <summary><see cref="UncertaintyWeighting"/>.</summary>
    public const string Uncertainty = "uncertainty";

    /// <summary><see cref="PcGradWeighting"/>.</summary>
    public const string PcGrad = "pcgrad";

    /// <summary>The weightings that can be asked for.</summary>
    public static EquatableArray<string> Available { get; } = [Fixed, Uncertainty, PcGrad];
}
