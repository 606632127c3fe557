using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>From a configuration to the spec that it describes.</summary>
public static class ModelBuilder
{
    /// <summary>The keys that not every family has a use for, and whether a configuration states them.</summary>
    internal static readonly (string Key, Func<ModelOptions, bool> IsStated)[] OwnKeys =
    [
        ("gate_bias", o => o.GateBias is not null),
        ("gate_units", o => o.GateUnits.Count > 0),
        ("gate_temperature", o => o.GateTemperature is not null),
        ("top_k", o => o.TopK is not null),
        ("shared_experts", o => o.SharedExperts is not null),
        ("task_experts", o => o.TaskExperts is not null),
        ("levels", o => o.Levels is not null),
        ("stitch_own", o => o.StitchOwn is not null),
    ];

    /// <summary>Builds the spec.</summary>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="config">The configuration.</param>
    /// <returns>
    /// The spec, not yet checked against its inputs. Or a fault for each key that the family has no use for, and for each number that is for a task that does not exist or does not fit it, or that the model is too small
    /// for.
    /// </returns>
    public static Validation<Fault, ModelSpec> Build(EquatableArray<TaskDescriptor> tasks, TrainingConfig config) =>
        from family in config.Families.Find(config.Model).MapFail(fault => fault with { What = $"model: {fault.What}", Key = "model" })
        from spec in (None(ModelFamilyRegistry.FaultsOf(family).Concat(Stated(tasks, family, config))), Arranged(tasks, family, config))
            .Apply((_, arranged) => arranged)
        select spec;

    // The arrangement may be a program's own: what it throws is said of it by name.
    private static Validation<Fault, ModelSpec> Arranged(EquatableArray<TaskDescriptor> tasks, ModelFamily family, TrainingConfig config)
    {
        ModelSpec arranged;
        try
        {
            arranged = family.Arrange(Parts(tasks, config));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Fail<Fault, ModelSpec>(Fault.OfKey(
                "model", $"the family {family.Name} cannot arrange these parts: {e.GetType().Name}: {e.Message}", "mend its Arrange, or take another model"));
        }

        if (arranged is null)
        {
            return Fail<Fault, ModelSpec>(Fault.OfKey("model", $"the family {family.Name} arranges no model: its Arrange gives null", "mend it"));
        }

        var spec = Frozen(WithOptions(arranged, config.Options), config.Options);
        return None(Chosen(spec, family, config.Options)).Map(_ => spec);
    }

    /// <summary>The model of a checkpoint with what a configuration says of losses, the weights of tasks and what is frozen.</summary>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="spec">The model, which has a tower for each of them.</param>
    /// <param name="options">The configuration's.</param>
    /// <returns>The spec, not yet checked against its inputs; or a fault for each number that is for no task or does not fit it.</returns>
    public static Validation<Fault, ModelSpec> Retrain(EquatableArray<TaskDescriptor> tasks, ModelSpec spec, ModelOptions options) =>
        None(LossFaults(tasks, options).Concat(options.TaskWeights.Count > 0 && spec.Weighting is not FixedWeighting
            ? [Fault.OfKey("task_weights", "the checkpoint's model weighs no task by a number", "leave it out")]
            : [])).Map(_ => Frozen(
                spec with
                {
                    Towers = [.. spec.Towers.Select(tower => tower with { Head = WithOptions(tower, options) })],
                    Weighting = options.TaskWeights.Count > 0 ? Weights(spec, options) : spec.Weighting,
                },
                options));

    // Experts and gates without more are those of all levels.
    private static ModelSpec Frozen(ModelSpec spec, ModelOptions options) => spec.Freeze(options.Freeze.SelectMany(part =>
    {
        IEnumerable<string> Upper(Func<Level, bool> has, Func<int, string> name) =>
            Enumerable.Range(1, Math.Max(0, spec.Levels.Count - 1)).Where(level => has(spec.Levels[level])).Select(name);
        return part == ParameterNames.Experts(0)
                ? Upper(level => level.Experts.Any(expert => Trains(expert.Network)), ParameterNames.Experts).Prepend(part)
            : part == ParameterNames.Gates(0)
                ? Upper(level => level.Mixtures.Any(mixture => mixture.Gate is not PassGate), ParameterNames.Gates).Prepend(part)
            : [part];
    }));

    private static bool Trains(Network network) =>
        network.Layers.Any(layer => layer is Dense or LayerNorm || (layer is Residual residual && Trains(residual.Inner)));

    /// <summary>Nothing where nothing is wrong, else all of it.</summary>
    internal static Validation<Fault, Unit> None(IEnumerable<Fault> faults)
    {
        var all = faults.ToSeq().Strict();
        return all.IsEmpty ? Success<Fault, Unit>(unit) : Fail<Fault, Unit>(all);
    }

    private static ModelParts Parts(EquatableArray<TaskDescriptor> tasks, TrainingConfig config)
    {
        var (p, o) = (config.Parameters, config.Options);
        var shared = o.SharedExperts ?? Math.Max(1, p.NumExperts / 2);
        return new(
            tasks,
            p.NumExperts,
            Compose(Blocks(p.Units, o, o.ExpertBias)),
            Compose(Blocks(p.TowerUnits, o, hasBias: true)),
            // A network without a gate has the capacity of all experts together, so that the families can be compared.
            [.. Blocks([.. p.Units.Select(units => units * p.NumExperts)], o, o.ExpertBias)],
            new SoftmaxGate(HasBias: o.GateBias ?? true, Temperature: o.GateTemperature ?? 1, TopK: o.TopK)
            {
                Hidden = Network.OfDense(o.GateUnits, o.Activation),
            })
        {
            SharedExperts = shared,
            TaskExperts = o.TaskExperts ?? Math.Max(1, (p.NumExperts - shared) / tasks.Count),
            Levels = o.Levels ?? 2,
            StitchOwn = (float)(o.StitchOwn ?? 0.9),
        };
    }

    private static Network Compose(IEnumerable<Network> blocks) => blocks.Aggregate(Network.Identity, (network, block) => network >> block);

    // Dense, then norm, activation and dropout as they are wanted; gone around where both sides are equally wide.
    private static IEnumerable<Network> Blocks(IReadOnlyList<int> units, ModelOptions options, bool hasBias)
    {
        for (var i = 0; i < units.Count; i++)
        {
            Network layer = options.LayerNorm
                ? new Dense(units[i], Activation.Identity, hasBias) >> new LayerNorm() >> new Activate(options.Activation)
                : new Dense(units[i], options.Activation, hasBias);
            layer = options.Dropout > 0 ? layer >> new Dropout(options.Dropout) : layer;
            yield return options.Residual && i > 0 && units[i] == units[i - 1] ? new Residual(layer) : layer;
        }
    }

    private static ModelSpec WithOptions(ModelSpec spec, ModelOptions options) => spec with
    {
        Towers = [.. spec.Towers.Select(tower => tower with { Head = WithOptions(tower, options) })],
        Weighting = options.Weighting switch
        {
            WeightingNames.Uncertainty => new UncertaintyWeighting(),
            WeightingNames.PcGrad => new PcGradWeighting(),
            _ => Weights(spec, options),
        },
    };

    private static FixedWeighting Weights(ModelSpec spec, ModelOptions options) => new(
    [
        .. spec.Towers.SelectMany(t => Of(options.TaskWeights, t.Task) is { } weight ? new[] { new TaskWeight(t.Task, weight) } : []),
    ]);

    private static Head WithOptions(Tower tower, ModelOptions options) => tower.Head switch
    {
        BinaryHead head => head with
        {
            PositiveWeight = Of(options.PositiveWeight, tower.Task) ?? head.PositiveWeight,
            LabelSmoothing = Of(options.LabelSmoothing, tower.Task) ?? head.LabelSmoothing,
        },
        MulticlassHead head => head with { LabelSmoothing = Of(options.LabelSmoothing, tower.Task) ?? head.LabelSmoothing },
        RegressionHead head => head with { HuberDelta = Of(options.HuberDelta, tower.Task) ?? head.HuberDelta },
        var head => head,
    };

    private static double? Of(EquatableArray<TaskNumber> numbers, string task) =>
        numbers.FirstOrDefault(number => number.Task is null || number.Task == task)?.Value;

    /// <summary>What is wrong with what is stated, whatever comes of it.</summary>
    private static IEnumerable<Fault> Stated(EquatableArray<TaskDescriptor> tasks, ModelFamily family, TrainingConfig config)
    {
        return Unused(tasks, family, config).Concat(LossFaults(tasks, config.Options));
    }

    private static IEnumerable<Fault> LossFaults(EquatableArray<TaskDescriptor> tasks, ModelOptions o) =>
        Misfits(tasks, "positive_weight", o.PositiveWeight, head => head is BinaryHead, "a binary task")
            .Concat(Misfits(tasks, "label_smoothing", o.LabelSmoothing, head => head is BinaryHead or MulticlassHead, "a task with classes"))
            .Concat(Misfits(tasks, "huber_delta", o.HuberDelta, head => head is RegressionHead, "a regression"))
            .Concat(Misfits(tasks, "task_weights", o.TaskWeights, _ => true, "a task"))
            .Concat(Nothing(tasks, o));

    private static IEnumerable<Fault> Unused(EquatableArray<TaskDescriptor> tasks, ModelFamily family, TrainingConfig config)
    {
        var o = config.Options;
        foreach (var (key, _) in OwnKeys.Where(own => own.IsStated(o) && !family.Keys.Contains(own.Key, StringComparer.Ordinal)))
        {
            string[] users =
            [
                .. config.Families.Families.Where(other => other.Keys.Contains(key, StringComparer.Ordinal)).Select(other => other.Name),
            ];
            yield return Fault.OfKey(key, $"the model {family.Name} has no use for it",
                users.Length == 0 ? "leave it out" : $"leave it out, or take another model: {string.Join(", ", users)}");
        }

        EquatableArray<int>[] hidden = [config.Parameters.Units, config.Parameters.TowerUnits];
        if (o.Residual && !hidden.Any(units => units.Zip(units.Skip(1), (below, above) => below == above).Any(equal => equal)))
        {
            yield return Fault.OfKey("residual", "no hidden layer is as wide as the one before it", "give units or tower_units two neighbours of equal width");
        }

        if (o.StitchOwn is not null && tasks.Count == 1)
        {
            yield return Fault.OfKey("stitch_own", "a single task has no other to take from", "leave it out");
        }

        if (o.TaskWeights.Count > 0 && o.Weighting != WeightingNames.Fixed)
        {
            yield return Fault.OfKey("task_weights", $"with weighting={o.Weighting} no weight is fixed", $"leave it out, or set weighting={WeightingNames.Fixed}");
        }
    }

    private static IEnumerable<Fault> Misfits(
        EquatableArray<TaskDescriptor> tasks, string key, EquatableArray<TaskNumber> numbers, Func<Head, bool> fits, string kind)
    {
        string[] fitting = [.. tasks.Where(task => fits(Head.For(task))).Select(task => task.Name)];
        var takes = fitting.Length == 0 ? "leave it out: the dataset has none" : $"it can be given for {string.Join(", ", fitting)}";
        if (numbers.Any(n => n.Task is null) && fitting.Length == 0)
        {
            yield return Fault.OfKey(key, $"it is for {kind}, and the dataset has none", "leave it out");
        }

        var seen = new System.Collections.Generic.HashSet<string>(StringComparer.Ordinal);
        foreach (var name in numbers.Select(n => n.Task).OfType<string>())
        {
            if (!tasks.Any(task => task.Name == name))
            {
                yield return Fault.OfKey(key, $"the dataset has no task '{name}'",
                    NearestMatch.Of(name, fitting) is { } nearest ? $"did you mean '{nearest}'?" : takes);
            }
            else if (!fitting.Contains(name, StringComparer.Ordinal))
            {
                yield return Fault.OfKey(key, $"'{name}' is not {kind}", takes);
            }

            if (!seen.Add(name))
            {
                yield return Fault.OfKey(key, $"'{name}' has two numbers", "give it one");
            }
        }
    }

    private static IEnumerable<Fault> Nothing(EquatableArray<TaskDescriptor> tasks, ModelOptions options) =>
        tasks.All(task => Of(options.TaskWeights, task.Name) == 0)
            ? [Fault.OfKey("task_weights", "every task weighs 0, and there is nothing to train", "give one of them a weight above 0")]
            : [];

    /// <summary>What cannot be had of the experts that there are.</summary>
    private static IEnumerable<Fault> Chosen(ModelSpec spec, ModelFamily family, ModelOptions options)
    {
        var mixtures = spec.Levels.SelectMany(level => level.Mixtures).ToArray();
        if (mixtures.Any(mixture => mixture.Experts.Count == 0) && family.Keys.Contains("task_experts", StringComparer.Ordinal))
        {
            yield return Fault.OfKey("task_experts", $"with shared_experts={options.SharedExperts} and task_experts={options.TaskExperts} a task has no expert",
                "give one of the two at least 1");
        }
        else if (options.TopK is { } topK
            && mixtures.Where(mixture => mixture.Gate is SoftmaxGate).Min(mixture => (int?)mixture.Experts.Count) is { } fewest
            && fewest < topK)
        {
            yield return Fault.OfKey("top_k", $"a gate chooses the top {topK} of {fewest} experts", $"give 1 to {fewest}, or have more experts");
        }
    }
}
