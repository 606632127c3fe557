using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>Whether a spec can be built for a dataset. Every fault is found at once, before anything is allocated.</summary>
public static class ModelCheck
{
    /// <summary>Checks a spec for a dataset's tasks.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="inputs">What the model sees.</param>
    /// <param name="tasks">The dataset's tasks.</param>
    /// <returns>The spec itself, or all its faults, each naming both sides of what does not fit.</returns>
    public static Validation<Fault, ModelSpec> Check(this ModelSpec spec, InputLayout inputs, EquatableArray<TaskDescriptor> tasks) =>
        Check(spec, inputs.Width, tasks);

    /// <summary>Checks a spec for a dataset's tasks before encodings are fitted, with as many inputs as they can give.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="inputs">What the model is to see of the dataset.</param>
    /// <returns>The spec itself, which then also fits every layout that is fitted from the plan, or all its faults.</returns>
    public static Validation<Fault, ModelSpec> Check(this ModelSpec spec, InputPlan inputs) =>
        Check(spec, inputs.MaxWidth, inputs.Dataset.Tasks);

    private static Validation<Fault, ModelSpec> Check(ModelSpec spec, int inputs, EquatableArray<TaskDescriptor> tasks)
    {
        var faults = Faults(spec, inputs, [.. tasks.Select(task => new TaskHead(task.Name, Head.For(task)))]);
        return faults.Length == 0
            ? Success<Fault, ModelSpec>(spec)
            : Fail<Fault, ModelSpec>(faults.Select(what => Fault.Usage(what)).ToSeq());
    }

    /// <summary>The texts of all faults, for a model whose dataset is known only by what a checkpoint says of it.</summary>
    internal static string[] Faults(ModelSpec spec, int inputs, IReadOnlyList<TaskHead> tasks)
    {
        var faults = Inputs(inputs).Concat(Experts(spec)).Concat(Towers(spec, tasks)).ToArray();
        return faults.Length > 0 ? faults : [.. Size(spec, inputs)];
    }

    private static IEnumerable<string> Inputs(int inputs)
    {
        if (inputs < 1)
        {
            yield return $"the model has {inputs} inputs; it needs at least one";
        }
    }

    private static IEnumerable<string> Experts(ModelSpec spec)
    {
        if (spec.Experts.Count == 0)
        {
            yield return "the model has no expert; it needs at least one";
        }

        if (spec.Gating == Gating.None && spec.Experts.Count > 1)
        {
            yield return $"the model has {spec.Experts.Count} experts and no gate to choose among them; take one expert, or a gate";
        }

        for (var e = 0; e < spec.Experts.Count; e++)
        {
            if (spec.Experts[e].Layers is not [Dense, ..])
            {
                yield return $"expert {e} begins with {Begin(spec.Experts[e])}; an expert must begin with a dense layer";
            }

            foreach (var fault in Widths(spec.Experts[e], $"expert {e}"))
            {
                yield return fault;
            }

            var (width, first) = (spec.Experts[e].OutputWidth(0), spec.Experts[0].OutputWidth(0));
            if (width != first)
            {
                yield return $"expert {e} gives {width} values, expert 0 gives {first}; the results of experts must be equally wide";
            }
        }
    }

    private static IEnumerable<string> Towers(ModelSpec spec, IReadOnlyList<TaskHead> tasks)
    {
        var known = tasks.ToDictionary(t => t.Task, t => t.Head, StringComparer.Ordinal);
        var seen = new System.Collections.Generic.HashSet<string>(StringComparer.Ordinal);
        for (var t = 0; t < spec.Towers.Count; t++)
        {
            var tower = spec.Towers[t];
            foreach (var fault in Widths(tower.Hidden, $"the tower of task '{tower.Task}'"))
            {
                yield return fault;
            }

            if (!known.TryGetValue(tower.Task, out var head))
            {
                yield return $"tower {t} is for the task '{tower.Task}', the dataset has {Names(tasks.Select(k => k.Task))}";
            }
            else if (tower.Head != head)
            {
                yield return $"the tower of task '{tower.Task}' ends in {Text(tower.Head)}, the task needs {Text(head)}";
            }

            if (!seen.Add(tower.Task))
            {
                yield return $"tower {t} is for the task '{tower.Task}', which has a tower already; a task has one";
            }
        }

        foreach (var task in tasks.Where(task => !seen.Contains(task.Task)))
        {
            yield return $"the task '{task.Task}' has no tower; there are towers for {Names(spec.Towers.Select(t => t.Task))}";
        }

        var order = spec.Towers.Select(t => t.Task).ToArray();
        var expected = tasks.Select(t => t.Task).ToArray();
        if (seen.Count == order.Length && seen.SetEquals(expected) && !order.SequenceEqual(expected, StringComparer.Ordinal))
        {
            yield return $"the towers are ordered {Names(order)}, the dataset's tasks {Names(expected)}; the order must be the same";
        }

        if (tasks.Count == 0)
        {
            yield return "the dataset has no task; there is nothing to predict";
        }
    }

    // Counted in floating point, which does not overflow; the limit is far from where a double rounds a count.
    private static IEnumerable<string> Size(ModelSpec spec, int inputs)
    {
        var columns = spec.Experts.Sum(e => (double)((Dense)e.Layers[0]).Units) + ((double)spec.GateCount * spec.Experts.Count);
        var mixture = spec.Experts[0].OutputWidth(inputs);
        var deeper = spec.Experts.SelectMany(e => e.DenseSteps(inputs).Skip(1));
        var towers = spec.Towers.SelectMany(t => t.Hidden.DenseSteps(mixture)
            .Append(new DenseStep(t.Hidden.OutputWidth(mixture), t.Head.Width, Activation.Identity)));
        var length = ((inputs + 1.0) * (columns + 15)) + deeper.Concat(towers).Sum(step => (step.Inputs + 1.0) * step.Units);
        if (length > System.Array.MaxLength)
        {
            yield return $"the model has {length:N0} parameters; at most {System.Array.MaxLength:N0} fit in one vector";
        }
    }

    private static IEnumerable<string> Widths(Network network, string owner) =>
        network.DenseSteps(0)
            .Select((step, index) => (step.Units, index))
            .Where(dense => dense.Units < 1)
            .Select(dense => $"dense layer {dense.index} of {owner} has {dense.Units} units; it needs at least one");

    private static string Begin(Network network) => network.Layers.Count == 0 ? "nothing" : network.Layers[0].ToString();

    private static string Text(Head head) => head switch
    {
        BinaryHead => "a binary head",
        MulticlassHead multiclass => $"a head of {multiclass.Classes} classes",
        RegressionHead => "a regression head",
        _ => head.ToString(),
    };

    private static string Names(IEnumerable<string> names) => names.Any() ? string.Join(", ", names.Select(name => $"'{name}'")) : "none";
}

/// <summary>A task and the head that fits it.</summary>
internal readonly record struct TaskHead(string Task, Head Head);
