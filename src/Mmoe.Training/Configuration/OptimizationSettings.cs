using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>The keys of <see cref="OptimizationOptions"/>.</summary>
internal static class OptimizationSettings
{
    private static readonly OptionSettings<OptimizationOptions> Keys = new(c => c.Optimization, (c, o) => c with { Optimization = o });

    private static readonly (Precision Precision, string Name)[] Precisions =
        [(Precision.Float32, "float32"), (Precision.BFloat16, "bfloat16"), (Precision.Float16, "float16")];

    /// <summary>The keys in the order in which they are written.</summary>
    public static EquatableArray<Setting> All { get; } =
    [
        Keys.Choice("optimizer", OptimizerNames.Available, (o, v) => o with { Optimizer = v }, o => o.Optimizer),
        Keys.Number("beta1", new(0, 0.999999), (o, v) => o with { Beta1 = v }, o => o.Beta1),
        Keys.Number("beta2", new(0, 0.999999999), (o, v) => o with { Beta2 = v }, o => o.Beta2),
        Keys.Number("epsilon", new(0, 1, AboveMin: true), (o, v) => o with { Epsilon = v }, o => o.Epsilon),
        Keys.Number("momentum", new(0, 0.999999), (o, v) => o with { Momentum = v }, o => o.Momentum),
        Keys.Number("weight_decay", new(0, 1_000), (o, v) => o with { WeightDecay = v }, o => o.WeightDecay),
        Keys.Choice("clip", ClippingNames.Available, (o, v) => o with { Clip = v }, o => o.Clip),
        Keys.Number("clip_norm", new(0, 1_000_000, AboveMin: true), (o, v) => o with { ClipNorm = v }, o => o.ClipNorm),
        Keys.Of(
            "accumulate", text => Settings.ReadWhole(text, new(1, 4_096)), (o, v) => o with { Accumulate = v }, o => Settings.Text(o.Accumulate)),
        Keys.Choice(
            "precision",
            [.. Precisions.Select(p => p.Name)],
            (o, v) => o with { Precision = Precisions.First(p => p.Name == v).Precision },
            o => Precisions.First(p => p.Precision == o.Precision).Name),
        Keys.Whole("decay_epochs", new(1, 1_000_000), (o, v) => o with { DecayEpochs = v }, o => o.DecayEpochs),
        Keys.Number("decay_factor", new(0, 1, AboveMin: true), (o, v) => o with { DecayFactor = v }, o => o.DecayFactor),
        Keys.Of(
            "early_stopping",
            text => Settings.ReadWhole(text, new(0, 1_000_000)),
            (o, v) => o with { EarlyStopping = v },
            o => Settings.Text(o.EarlyStopping)),
        new(
            "monitor",
            (c, text) => Success<Fault, TrainingConfig>(
                c with { Optimization = c.Optimization with { Monitor = text == OptionSettings<OptimizationOptions>.NotStated ? null : text } }),
            c => c.Optimization.Monitor ?? OptionSettings<OptimizationOptions>.NotStated),
        Keys.Flag("train_metrics", (o, v) => o with { TrainMetrics = v }, o => o.TrainMetrics),
    ];
}

/// <summary>From a configuration to how its steps are done.</summary>
public static class Optimizers
{
    private const double AdamWDecay = 0.01;
    private const double ReferenceNorm = 5;

    /// <summary>What is wrong with the configuration's optimiser, clipping, schedule and stopping, whatever the data is; all of it.</summary>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="config">The configuration.</param>
    public static Validation<Fault, Unit> Check(EquatableArray<TaskDescriptor> tasks, TrainingConfig config) =>
        ModelBuilder.None(Unused(config).Concat(Unknown(tasks, config.Optimization)));

    /// <summary>The optimiser that a configuration asks for.</summary>
    public static Optimizer Of(OptimizationOptions o)
    {
        var adam = new Adam();
        adam = new Adam(o.Beta1 ?? adam.Beta1, o.Beta2 ?? adam.Beta2, o.Epsilon ?? adam.Epsilon, o.WeightDecay ?? 0);
        return o.Optimizer switch
        {
            OptimizerNames.Adam => adam,
            OptimizerNames.AdamW => adam with { WeightDecay = o.WeightDecay ?? AdamWDecay, IsDecoupled = true },
            OptimizerNames.Sgd => new Sgd(o.Momentum ?? new Sgd().Momentum, o.WeightDecay ?? 0),
            _ => throw new ArgumentException($"'{o.Optimizer}' is no optimiser", nameof(o)),
        };
    }

    /// <summary>The clipping that a configuration asks for.</summary>
    public static Clipping ClippingOf(OptimizationOptions o) => o.Clip switch
    {
        ClippingNames.None => Clipping.None,
        ClippingNames.Global => new GlobalNormClipping(o.ClipNorm ?? ReferenceNorm),
        ClippingNames.Tensor => new TensorNormClipping(o.ClipNorm ?? ReferenceNorm),
        _ => throw new ArgumentException($"'{o.Clip}' is no clipping", nameof(o)),
    };

    // A key that changes nothing is more likely a slip than meant.
    private static IEnumerable<Fault> Unused(TrainingConfig config)
    {
        var o = config.Optimization;
        var (isSgd, decays) = (o.Optimizer == OptimizerNames.Sgd, ScheduleNames.WithDecay.Contains(config.Schedule));
        (string Key, bool IsIdle, string Why, string Hint)[] keys =
        [
            ("beta1", o.Beta1 is not null && isSgd, "the optimizer sgd has no use for it", "set momentum, or take adam"),
            ("beta2", o.Beta2 is not null && isSgd, "the optimizer sgd has no use for it", "leave it out, or take adam"),
            ("epsilon", o.Epsilon is not null && isSgd, "the optimizer sgd has no use for it", "leave it out, or take adam"),
            ("momentum", o.Momentum is not null && !isSgd, $"the optimizer {o.Optimizer} has no use for it", "set beta1, or take sgd"),
            ("clip_norm", o.ClipNorm is not null && o.Clip == ClippingNames.None, "with clip=none nothing is clipped", "set clip=global or clip=tensor"),
            (
                "decay_epochs", o.DecayEpochs is not null && !decays, $"the schedule {config.Schedule} has no use for it",
                $"leave it out, or take another schedule: {string.Join(", ", ScheduleNames.WithDecay)}"),
            (
                "decay_factor", o.DecayFactor is not null && !decays, $"the schedule {config.Schedule} has no use for it",
                $"leave it out, or take another schedule: {string.Join(", ", ScheduleNames.WithDecay)}"),
            (
                "monitor", o.Monitor is not null && o.EarlyStopping == 0 && config.Schedule != ScheduleNames.Plateau,
                "nothing looks at a score", $"set early_stopping, or schedule={ScheduleNames.Plateau}"),
        ];
        return keys.Where(key => key.IsIdle).Select(key => Fault.OfKey(key.Key, key.Why, key.Hint));
    }

    private static IEnumerable<Fault> Unknown(EquatableArray<TaskDescriptor> tasks, OptimizationOptions o)
    {
        string[] names = [Best.Average, .. tasks.Select(task => task.Name)];
        return o.Monitor is { } name && !names.Contains(name, StringComparer.Ordinal)
            ? [Fault.OfKey(
                "monitor",
                $"the dataset has no task '{name}'",
                NearestMatch.Of(name, names) is { } nearest ? $"did you mean '{nearest}'?" : $"give one of {string.Join(", ", names)}")]
            : [];
    }
}
