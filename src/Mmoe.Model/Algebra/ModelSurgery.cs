using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>
/// Changes to a spec. Each gives a new one and leaves the old as it is; <see cref="ParameterTransfer"/> carries parameters over. Nothing here
/// looks at inputs or a dataset: check the result with <see cref="ModelCheck"/> before it is used.
/// </summary>
public static class ModelSurgery
{
    /// <summary>Another tower for a task, in place of the one it has.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="tower">The new tower.</param>
    /// <returns>The new spec, or a fault where the task has no tower.</returns>
    public static Validation<Fault, ModelSpec> ReplaceTower(this ModelSpec spec, Tower tower) =>
        spec.Towers.Any(t => t.Task == tower.Task)
            ? Success<Fault, ModelSpec>(spec with { Towers = [.. spec.Towers.Select(t => t.Task == tower.Task ? tower : t)] })
            : NoTask(spec, tower.Task);

    /// <summary>One more task, after the others.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="tower">Its tower, on a stream that is there.</param>
    /// <param name="mixture">
    /// A mixture of its own on the last level, such as a gate over the experts for an MMoE; null where its tower stands on a stream that is
    /// there already.
    /// </param>
    /// <returns>The new spec, or a fault where the task has a tower already, or the mixture's stream is there.</returns>
    public static Validation<Fault, ModelSpec> AddTask(this ModelSpec spec, Tower tower, Mixture? mixture = null)
    {
        if (spec.Towers.Any(t => t.Task == tower.Task))
        {
            return Fail<Fault, ModelSpec>(Fault.Usage($"the task '{tower.Task}' has a tower already", "replace its tower"));
        }

        var added = spec with { Towers = [.. spec.Towers, tower] };
        if (mixture is null)
        {
            return Success<Fault, ModelSpec>(added);
        }

        if (spec.Levels.Count == 0 || spec.Levels[^1].Mixtures.Any(m => m.Stream == mixture.Stream))
        {
            return Fail<Fault, ModelSpec>(Fault.Usage(spec.Levels.Count == 0
                ? "the model has no level that could have a mixture"
                : $"the last level has a stream '{mixture.Stream}' already"));
        }

        return Success<Fault, ModelSpec>(added with
        {
            Trunk = new Trunk(
                [.. spec.Levels.Take(spec.Levels.Count - 1), spec.Levels[^1] with { Mixtures = [.. spec.Levels[^1].Mixtures, mixture] }]),
        });
    }

    /// <summary>A task less: its tower, its weight, and all mixtures and experts that nothing reads any more.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="task">The task.</param>
    /// <returns>
    /// The new spec; or a fault where the task has no tower, or where what is left stands on the input alone and not on the levels below it:
    /// it would have to move down, and its parameters to other names.
    /// </returns>
    public static Validation<Fault, ModelSpec> RemoveTask(this ModelSpec spec, string task)
    {
        if (spec.Towers.All(t => t.Task != task))
        {
            return NoTask(spec, task);
        }

        EquatableArray<Tower> towers = [.. spec.Towers.Where(t => t.Task != task)];
        var read = towers.Select(t => t.Reads).ToArray();
        var levels = new Stack<Level>();
        foreach (var level in spec.Levels.Reverse())
        {
            EquatableArray<Mixture> mixtures = [.. level.Mixtures.Where(m => read.Contains(m.Stream, StringComparer.Ordinal))];
            EquatableArray<Expert> experts = [.. level.Experts.Where(e => mixtures.Any(m => m.Experts.Contains(e.Name, StringComparer.Ordinal)))];
            levels.Push(new(experts, mixtures));
            read = [.. experts.Select(e => e.Reads), .. mixtures.Select(m => m.Gate).OfType<SoftmaxGate>().Select(g => g.Reads)];
        }

        // Above what nothing reads there is nothing either, if towers stand on the input.
        EquatableArray<Level> left = [.. levels.Reverse().SkipWhile(level => level.Experts.Count == 0).Reverse()];
        if (left.Any(level => level.Experts.Count == 0))
        {
            return Fail<Fault, ModelSpec>(Fault.Usage(
                $"without the task '{task}' nothing reads the levels below level {left.Count - 1}, which would have to move down",
                "describe the smaller model anew"));
        }

        return Success<Fault, ModelSpec>(WithoutFrozenOf(spec, spec with
        {
            Trunk = new Trunk(left),
            Towers = towers,
            Weighting = spec.Weighting is FixedWeighting weighting
                ? new FixedWeighting([.. weighting.Weights.Where(w => w.Task != task)])
                : spec.Weighting,
        }));
    }

    /// <summary>An expert less: mixtures choose among those that are left, which keep their names.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="level">The expert's level, from 0.</param>
    /// <param name="expert">Its name.</param>
    /// <returns>
    /// The new spec; or a fault where there is no such expert, or a mixture would be left without any, or with fewer than the gate chooses.
    /// </returns>
    public static Validation<Fault, ModelSpec> DropExpert(this ModelSpec spec, int level, string expert)
    {
        if (level < 0 || level >= spec.Levels.Count || spec.Levels[level].Experts.All(e => e.Name != expert))
        {
            return Fail<Fault, ModelSpec>(Fault.Usage($"there is no expert '{expert}' on level {level}"));
        }

        var old = spec.Levels[level];
        var faults = old.Mixtures
            .Where(m => m.Experts.Contains(expert, StringComparer.Ordinal))
            .Select(m => m switch
            {
                { Experts.Count: 1 } => Fault.Usage($"the mixture '{m.Stream}' would be left without an expert"),
                { Gate: SoftmaxGate { TopK: { } topK } } when topK > m.Experts.Count - 1 => Fault.Usage(
                    $"the gate of the mixture '{m.Stream}' chooses the top {topK}, and {m.Experts.Count - 1} experts would be left"),
                _ => null,
            })
            .OfType<Fault>()
            .ToSeq();
        if (!faults.IsEmpty)
        {
            return Fail<Fault, ModelSpec>(faults);
        }

        Level changed = new(
            [.. old.Experts.Where(e => e.Name != expert)],
            [.. old.Mixtures.Select(mixture => Without(mixture, expert))]);
        return Success<Fault, ModelSpec>(
            WithoutFrozenOf(spec, spec with { Trunk = new Trunk([.. spec.Levels.Select((l, n) => n == level ? changed : l)]) }));
    }

    /// <summary>Parts that training is to leave as they are, beside those that it leaves already.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="parts">See <see cref="ModelSpec.Frozen"/>.</param>
    public static ModelSpec Freeze(this ModelSpec spec, params IEnumerable<string> parts) =>
        spec with { Frozen = [.. spec.Frozen.Concat(parts).Distinct(StringComparer.Ordinal)] };

    /// <summary>Nothing frozen any more.</summary>
    /// <param name="spec">The model.</param>
    public static ModelSpec Unfreeze(this ModelSpec spec) => spec with { Frozen = default };

    // What is frozen of parts that are gone is gone with them; a beginning such as `experts` stays.
    private static ModelSpec WithoutFrozenOf(ModelSpec old, ModelSpec changed)
    {
        var gone = Owners(old).Except(Owners(changed), StringComparer.Ordinal).ToArray();
        bool IsGone(string part) => gone.Any(owner => $"{part}.".StartsWith($"{owner}.", StringComparison.Ordinal));
        return changed with { Frozen = [.. changed.Frozen.Where(part => !IsGone(part))] };
    }

    private static IEnumerable<string> Owners(ModelSpec spec) =>
        spec.Levels.SelectMany((level, number) => level.Experts.Select(expert => ParameterNames.Expert(number, expert.Name))
                .Concat(level.Mixtures.Select(mixture => ParameterNames.Gate(number, mixture.Stream))))
            .Concat(spec.Towers.SelectMany(tower => new[] { ParameterNames.Tower(tower.Task), $"weighting.{tower.Task}" }));

    private static Mixture Without(Mixture mixture, string expert)
    {
        var position = mixture.Experts.ToList().IndexOf(expert);
        return position < 0
            ? mixture
            : mixture with
            {
                Experts = [.. mixture.Experts.Where((_, i) => i != position)],
                Gate = mixture.Gate is StitchGate stitch ? new StitchGate([.. stitch.Initial.Where((_, i) => i != position)]) : mixture.Gate,
            };
    }

    private static Validation<Fault, ModelSpec> NoTask(ModelSpec spec, string task) => Fail<Fault, ModelSpec>(Fault.Usage(
        $"the model has no task '{task}'", $"its tasks are {string.Join(", ", spec.Towers.Select(t => t.Task))}"));
}
