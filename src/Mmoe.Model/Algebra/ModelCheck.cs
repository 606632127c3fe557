using System.Globalization;
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
        var faults = All(spec, inputs, [.. tasks.Select(task => new TaskHead(task.Name, Head.For(task)))]).ToSeq().Strict();
        return faults.IsEmpty ? Success<Fault, ModelSpec>(spec) : Fail<Fault, ModelSpec>(faults);
    }

    /// <summary>The texts of all faults, for a model whose dataset is known only by what a checkpoint says of it.</summary>
    internal static string[] Faults(ModelSpec spec, int inputs, IReadOnlyList<TaskHead> tasks) =>
        [.. All(spec, inputs, tasks).Select(fault => fault.What)];

    /// <summary>All faults, each with what to do where there is more to say than that it is one.</summary>
    internal static IEnumerable<Fault> All(ModelSpec spec, int inputs, IReadOnlyList<TaskHead> tasks)
    {
        var faults = new ModelFaults(spec, tasks).All(inputs);
        return faults.Length > 0 ? faults.Select(what => Fault.Usage(what)) : Parameters(spec, inputs);
    }

    // Two parts can be named so that their parameters clash; and the vector can be too long. Both are seen only in the whole.
    private static IEnumerable<Fault> Parameters(ModelSpec spec, int inputs)
    {
        // Counted in floating point, which does not overflow; the limit is far from where a double rounds a count.
        var arrangement = Arrangement.Of(spec, inputs);
        var columns = arrangement.Bundles.Where(b => b.ReadsInput).Sum(b => (double)b.Parts.Count * b.InputStep.Outputs);
        var stitches = spec.Levels.SelectMany(level => level.Mixtures).Select(mixture => mixture.Gate).OfType<StitchGate>();
        var length = ((inputs + 1.0) * LayoutBuilder.Stride(columns))
            + arrangement.Bundles.Sum(b => b.Parts.Count * b.OtherSteps.Sum(step => (double)step.ParameterCount))
            + stitches.Sum(stitch => (double)stitch.Initial.Count)
            + (spec.Weighting is UncertaintyWeighting ? spec.Towers.Count : 0);
        if (length > System.Array.MaxLength)
        {
            return
            [
                Fault.Usage(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the model's parameters take {length:N0} numbers; at most {System.Array.MaxLength:N0} fit in one vector")),
            ];
        }

        var names = ParameterLayout.Of(spec, inputs).Entries.Select(entry => entry.Name).ToArray();
        var twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is not null ? [Fault.Usage($"two parameters are called '{twice}'; rename an expert or a stream")] : Frozen(spec, names);
    }

    private static IEnumerable<Fault> Frozen(ModelSpec spec, string[] names)
    {
        foreach (var part in spec.Frozen.Where(part => !names.Any(new ModelSpec(Trunk.Identity, []) { Frozen = [part] }.IsFrozen)))
        {
            yield return Fault.Usage($"there is no part '{part}' to freeze", Suggest(part, names)) with { Key = "freeze" };
        }

        if (spec.Frozen.Count > 0 && names.All(spec.IsFrozen))
        {
            yield return Fault.Usage(
                "every part is frozen, and there is nothing to train", $"leave one out of {string.Join(", ", Beginnings(names, 1))}") with
            {
                Key = "freeze",
            };
        }
    }

    // Whatever may be named: experts, experts.0, experts.0.dense, experts.0.dense.0, experts.0.dense.0.weight.
    private static string Suggest(string part, string[] names)
    {
        var depth = names.Max(name => name.Split('.').Length);
        var nearest = NearestMatch.Of(part, Enumerable.Range(1, depth).SelectMany(segments => Beginnings(names, segments)).Distinct());
        var parts = $"its parts are {string.Join(", ", Beginnings(names, 1))}, and what begins with one of them as '{names[0]}' does";
        return nearest is null ? parts : $"did you mean '{nearest}'? {parts}";
    }

    private static IEnumerable<string> Beginnings(IEnumerable<string> names, int segments) =>
        names.Select(name => string.Join('.', name.Split('.').Take(segments))).Distinct();
}

/// <summary>A task and the head that fits it.</summary>
internal readonly record struct TaskHead(string Task, Head Head);
