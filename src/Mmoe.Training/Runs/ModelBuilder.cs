using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>From a configuration to the spec that it describes.</summary>
public static class ModelBuilder
{
    /// <summary>Builds the spec.</summary>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <param name="config">The configuration.</param>
    /// <returns>
    /// The spec, not yet checked against its inputs; or a fault for each key that the family has no use for, and for each number that is for a
    /// task that does not exist or does not fit it.
    /// </returns>
    public static Validation<Fault, ModelSpec> Build(EquatableArray<TaskDescriptor> tasks, TrainingConfig config)
    {
        var options = config.Options;
        var faults = Unused(config)
            .Concat(Misfits(tasks, "positive_weight", options.PositiveWeight, head => head is BinaryHead, "a binary task"))
            .Concat(Misfits(
                tasks, "label_smoothing", options.LabelSmoothing, head => head is BinaryHead or MulticlassHead, "a task with classes"))
            .Concat(Misfits(tasks, "huber_delta", options.HuberDelta, head => head is RegressionHead, "a regression"))
            .Concat(Misfits(tasks, "task_weights", options.TaskWeights, _ => true, "a task"))
            .ToSeq();
        return faults.IsEmpty
            ? Success<Fault, ModelSpec>(WithOptions(Family(tasks, config), options))
            : Fail<Fault, ModelSpec>(faults);
    }

    private static ModelSpec Family(EquatableArray<TaskDescriptor> tasks, TrainingConfig config)
    {
        var (p, o) = (config.Parameters, config.Options);
        var expert = Hidden(p.Units, o, o.ExpertBias);
        var tower = Hidden(p.TowerUnits, o, hasBias: true);
        var gate = new SoftmaxGate(HasBias: o.GateBias ?? true, Temperature: o.GateTemperature ?? 1, TopK: o.TopK)
        {
            Hidden = Network.OfDense(o.GateUnits, o.Activation),
        };

        // A network without a gate has the capacity of all experts together, so that the families can be compared.
        EquatableArray<int> wide = [.. p.Units.Select(units => units * p.NumExperts)];
        var bottom = Hidden(wide, o, o.ExpertBias);
        var shared = o.SharedExperts ?? Math.Max(1, p.NumExperts / 2);
        var own = o.TaskExperts ?? Math.Max(1, (p.NumExperts - shared) / tasks.Count);
        return config.Model switch
        {
            ModelNames.SingleTask => ModelFamilies.SingleTask(tasks, bottom, tower),
            ModelNames.SharedBottom => ModelFamilies.SharedBottom(tasks, bottom, tower),
            ModelNames.OneGate => ModelFamilies.OneGate(tasks, p.NumExperts, expert, tower, gate),
            ModelNames.Mmoe => ModelFamilies.Mmoe(tasks, p.NumExperts, expert, tower, gate),
            ModelNames.Cgc => ModelFamilies.Cgc(tasks, own, shared, expert, tower, gate),
            ModelNames.Ple => ModelFamilies.Ple(tasks, o.Levels ?? 2, own, shared, expert, tower, gate),
            ModelNames.CrossStitch => ModelFamilies.CrossStitch(
                tasks, [.. wide.Select(units => Hidden([units], o, o.ExpertBias))], tower, (float)(o.StitchOwn ?? 0.9)),
            _ => throw new ArgumentException($"'{config.Model}' is no model family", nameof(config)),
        };
    }

    // Dense, then norm, activation and dropout as they are wanted; gone around where both sides are equally wide.
    private static Network Hidden(EquatableArray<int> units, ModelOptions options, bool hasBias)
    {
        var network = Network.Identity;
        for (var i = 0; i < units.Count; i++)
        {
            Network layer = options.LayerNorm
                ? new Dense(units[i], Activation.Identity, hasBias) >> new LayerNorm() >> new Activate(options.Activation)
                : new Dense(units[i], options.Activation, hasBias);
            layer = options.Dropout > 0 ? layer >> new Dropout(options.Dropout) : layer;
            network >>= options.Residual && i > 0 && units[i] == units[i - 1] ? new Residual(layer) : layer;
        }

        return network;
    }

    private static ModelSpec WithOptions(ModelSpec spec, ModelOptions options) => spec with
    {
        Towers = [.. spec.Towers.Select(tower => tower with { Head = WithOptions(tower, options) })],
        Weighting = options.Weighting switch
        {
            WeightingNames.Uncertainty => new UncertaintyWeighting(),
            WeightingNames.PcGrad => new PcGradWeighting(),
            _ => new FixedWeighting(
                [.. spec.Towers.SelectMany(t => Of(options.TaskWeights, t.Task) is { } weight ? new[] { new TaskWeight(t.Task, weight) } : [])]),
        },
        Frozen = options.Freeze,
    };

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

    private static IEnumerable<Fault> Unused(TrainingConfig config)
    {
        var (model, o) = (config.Model, config.Options);
        var hasGates = model is ModelNames.Mmoe or ModelNames.OneGate or ModelNames.Cgc or ModelNames.Ple;
        var hasOwn = model is ModelNames.Cgc or ModelNames.Ple;
        var wides = new[] { config.Parameters.Units, config.Parameters.TowerUnits };
        (string Key, bool IsStated, bool IsUsed, string Belongs)[] keys =
        [
            ("gate_bias", o.GateBias is not null, hasGates, "to families with gates"),
            ("gate_units", o.GateUnits.Count > 0, hasGates, "to families with gates"),
            ("gate_temperature", o.GateTemperature is not null, hasGates, "to families with gates"),
            ("top_k", o.TopK is not null, hasGates, "to families with gates"),
            ("shared_experts", o.SharedExperts is not null, hasOwn, $"to {ModelNames.Cgc} and {ModelNames.Ple}"),
            ("task_experts", o.TaskExperts is not null, hasOwn, $"to {ModelNames.Cgc} and {ModelNames.Ple}"),
            ("levels", o.Levels is not null, model == ModelNames.Ple, $"to {ModelNames.Ple}"),
            ("stitch_own", o.StitchOwn is not null, model == ModelNames.CrossStitch, $"to {ModelNames.CrossStitch}"),
        ];
        foreach (var (key, _, _, belongs) in keys.Where(key => key.IsStated && !key.IsUsed))
        {
            yield return Fault.Usage($"{key}: model {model} has no use for it; it belongs {belongs}", "leave it out, or take another model");
        }

        if (o.Residual && !wides.Any(units => units.Zip(units.Skip(1), (below, above) => below == above).Any(equal => equal)))
        {
            yield return Fault.Usage(
                "residual: no hidden layer is as wide as the one before it", "give units or tower_units two neighbours of equal width");
        }

        if (o.TaskWeights.Count > 0 && o.Weighting != WeightingNames.Fixed)
        {
            yield return Fault.Usage(
                $"task_weights: with weighting {o.Weighting} weights are not fixed", $"leave it out, or set weighting={WeightingNames.Fixed}");
        }
    }

    private static IEnumerable<Fault> Misfits(
        EquatableArray<TaskDescriptor> tasks, string key, EquatableArray<TaskNumber> numbers, Func<Head, bool> fits, string kind)
    {
        if (numbers.Any(n => n.Task is null) && !tasks.Any(task => fits(Head.For(task))))
        {
            yield return Fault.Usage($"{key}: it belongs to {kind}, and the dataset has none");
        }

        var seen = new System.Collections.Generic.HashSet<string>(StringComparer.Ordinal);
        foreach (var name in numbers.Select(n => n.Task).OfType<string>())
        {
            var task = tasks.FirstOrDefault(task => task.Name == name);
            if (task is null)
            {
                var nearest = NearestMatch.Of(name, tasks.Select(t => t.Name));
                yield return Fault.Usage(
                    $"{key}: the dataset has no task '{name}'",
                    nearest is null ? $"its tasks are {string.Join(", ", tasks.Select(t => t.Name))}" : $"did you mean '{nearest}'?");
            }
            else if (!fits(Head.For(task)))
            {
                yield return Fault.Usage($"{key}: '{name}' is not {kind}");
            }

            if (!seen.Add(name))
            {
                yield return Fault.Usage($"{key}: '{name}' has two numbers");
            }
        }
    }
}
