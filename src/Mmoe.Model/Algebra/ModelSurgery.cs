using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Model;

/// <summary>
/// Changes to a spec without faults. Each gives a new one, without faults too and without parts that nothing reads, or what stands in its
/// way; the old one stays as it is. <see cref="ParameterTransfer"/> carries parameters over. Nothing here looks at inputs or a dataset:
/// check the result with <see cref="ModelCheck"/> before it is used.
/// </summary>
/// <remarks>
/// A task's own streams and experts are those that are called as it is, or as it is and a dot and more, as in all families: <c>income</c>,
/// <c>income.0</c>. An expert of its own is part of a mixture of its own, and no other task's gate chooses it, though another task's stitch
/// may take of it.
/// </remarks>
public static class ModelSurgery
{
    // How many there are changes neither names nor what fits: whatever stands on the input begins with a dense layer.
    private const int AnyInputs = 1;

    /// <summary>Another tower for a task, in place of the one it has.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="tower">The new tower. Where it stands on another stream than the old one, what only that one read is gone.</param>
    /// <returns>The new spec; or a fault where the task has no tower, or the new one doesn't fit.</returns>
    public static Validation<Fault, ModelSpec> ReplaceTower(this ModelSpec spec, Tower tower) => spec.Towers.Any(t => t.Task == tower.Task)
        ? Pruned(
            spec,
            spec with { Towers = [.. spec.Towers.Select(t => t.Task == tower.Task ? tower : t)] },
            $"with the new tower of the task '{tower.Task}'",
            (_, _) => [])
        : NoTask(spec, tower.Task);

    /// <summary>
    /// One more task that is built as another: it has experts, mixtures and a tower as that one has, and what mixes the other's own experts
    /// mixes its own too. A model of a family becomes the family's model of all tasks.
    /// </summary>
    /// <param name="spec">The model.</param>
    /// <param name="task">The new task.</param>
    /// <param name="head">What its tower ends in; see <see cref="Head.For"/>.</param>
    /// <param name="like">The task that it is built as.</param>
    /// <param name="at">Its place among the tasks, from 0; null for the last.</param>
    /// <returns>
    /// The new spec; or a fault where there is no task to build it as, there is one of its name, or a stream or an expert that is called as
    /// one of its own, or its place is not there.
    /// </returns>
    /// <remarks>
    /// Stitches as those of <see cref="ModelFamilies.CrossStitch"/> begin with as much of their own as they did, and share the rest anew.
    /// That of a task which was alone began with 1, and so begins with 0 of the new one; and so does every other stitch.
    /// </remarks>
    public static Validation<Fault, ModelSpec> AddTask(this ModelSpec spec, string task, Head head, string like, int? at = null)
    {
        if (spec.Towers.FirstOrDefault(t => t.Task == like) is not { } model)
        {
            return NoTask(spec, like);
        }

        // One of a copy's name would be taken for one that is to be replaced.
        var taken = spec.Levels.SelectMany((level, number) => level.Mixtures
            .Where(mixture => level.Mixtures.Any(own => IsOf(own.Stream, like) && Renamed(own.Stream, like, task) == mixture.Stream))
            .Select(mixture => Fault.Usage($"level {number} has a stream '{mixture.Stream}' already", "call the task otherwise")));
        var faults = taken.ToSeq().Strict();
        return !faults.IsEmpty
            ? Fail<Fault, ModelSpec>(faults)
            : spec.AddTask(
                model with { Task = task, Head = head, Reads = Renamed(model.Reads, like, task) },
                at,
                [.. spec.Levels.Select(level => Like(level, like, task, TaskOrder.Of(spec, at)))]);
    }

    /// <summary>One more task, with whatever parts it is to have.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="tower">Its tower, on a stream that is there or is added.</param>
    /// <param name="at">Its place among the tasks, from 0; null for the last.</param>
    /// <param name="levels">
    /// What joins each level, the one next to the input first: new experts, and mixtures, each of which takes the place of the one whose
    /// stream has the same name, if there is one; so others come to see new experts. What is new stands among the tasks' own in the task's
    /// place.
    /// </param>
    /// <returns>
    /// The new spec; or a fault where the task has a tower already, its place is not there, there are parts for more levels than the model
    /// has, or parts don't fit.
    /// </returns>
    public static Validation<Fault, ModelSpec> AddTask(
        this ModelSpec spec, Tower tower, int? at = null, EquatableArray<Level> levels = default)
    {
        var faults = Unaddable(spec, tower.Task, at, levels.Count).ToSeq().Strict();
        if (!faults.IsEmpty)
        {
            return Fail<Fault, ModelSpec>(faults);
        }

        var (place, order) = (at ?? spec.Towers.Count, TaskOrder.Of(spec, at));
        return Checked(
            spec,
            spec with
            {
                Towers = [.. spec.Towers.Take(place), tower, .. spec.Towers.Skip(place)],
                Trunk = new Trunk([.. spec.Levels.Select((level, n) => n < levels.Count ? Joined(level, levels[n], order) : level)]),
            },
            $"with the task '{tower.Task}'");
    }

    /// <summary>A task less: its tower, its weight, its own experts, and all mixtures and experts that nothing reads any more.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="task">The task.</param>
    /// <returns>
    /// The new spec; or a fault where the task has no tower or is the only one, or what is left is no model: a mixture has no expert,
    /// nothing is left to train, or what is left stands on the input alone and not on the levels below it, so that it would have to move
    /// down, and its parameters to other names.
    /// </returns>
    /// <remarks>A stream of its own that something else reads stays, and with it the task's own experts on that level.</remarks>
    public static Validation<Fault, ModelSpec> RemoveTask(this ModelSpec spec, string task)
    {
        if (spec.Towers.All(t => t.Task != task))
        {
            return NoTask(spec, task);
        }

        if (spec.Towers.Count == 1)
        {
            return Fail<Fault, ModelSpec>(Fault.Usage($"the task '{task}' is the only one, and a model needs one", "add another first"));
        }

        var changed = spec with
        {
            Towers = [.. spec.Towers.Where(t => t.Task != task)],
            Weighting = spec.Weighting is FixedWeighting weighting
                ? new FixedWeighting([.. weighting.Weights.Where(w => w.Task != task)])
                : spec.Weighting,
        };
        var order = TaskOrder.Of(spec);
        return Pruned(
            spec,
            changed,
            $"without the task '{task}'",
            (number, kept) => kept.Any(mixture => IsOf(mixture.Stream, task)) ? [] : OwnExperts(spec.Levels[number], task, order));
    }

    /// <summary>
    /// An expert less: mixtures choose among those that are left, which keep their names. What it alone read of the levels below is gone
    /// too.
    /// </summary>
    /// <param name="spec">The model.</param>
    /// <param name="level">The expert's level, from 0.</param>
    /// <param name="expert">Its name.</param>
    /// <returns>
    /// The new spec; or a fault where there is no such expert, or what is left is no model: a mixture has no expert, or fewer than its gate
    /// chooses, nothing is left to train, or nothing reads the levels below.
    /// </returns>
    public static Validation<Fault, ModelSpec> DropExpert(this ModelSpec spec, int level, string expert) =>
        level < 0 || level >= spec.Levels.Count || spec.Levels[level].Experts.All(e => e.Name != expert)
            ? Fail<Fault, ModelSpec>(Fault.Usage($"there is no expert '{expert}' on level {level}"))
            : Pruned(spec, spec, $"without the expert '{expert}' of level {level}", (number, _) => number == level ? [expert] : []);

    /// <summary>Parts that training is to leave as they are, beside those that it leaves already.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="parts">See <see cref="ModelSpec.Frozen"/>.</param>
    public static ModelSpec Freeze(this ModelSpec spec, params IEnumerable<string> parts) =>
        spec with { Frozen = [.. spec.Frozen.Concat(parts).Distinct(StringComparer.Ordinal)] };

    /// <summary>Nothing frozen any more.</summary>
    /// <param name="spec">The model.</param>
    public static ModelSpec Unfreeze(this ModelSpec spec) => spec with { Frozen = default };

    // Without what nothing reads any more, from the towers down; dropped names the experts that go in any case, of a level's number and of
    // its mixtures that are left.
    private static Validation<Fault, ModelSpec> Pruned(
        ModelSpec old, ModelSpec changed, string how, Func<int, IReadOnlyList<Mixture>, IReadOnlyList<string>> dropped)
    {
        var read = changed.Towers.Select(t => t.Reads).ToArray();
        var levels = new Level[changed.Levels.Count];
        for (var number = levels.Length - 1; number >= 0; number--)
        {
            var level = changed.Levels[number];
            Mixture[] kept = [.. level.Mixtures.Where(m => read.Contains(m.Stream, StringComparer.Ordinal))];
            var gone = dropped(number, kept);
            EquatableArray<Mixture> mixtures = [.. kept.Select(m => Over(m, [.. m.Experts.Except(gone, StringComparer.Ordinal)]))];
            bool IsMixed(Expert expert) => mixtures.Any(m => m.Experts.Contains(expert.Name, StringComparer.Ordinal));
            EquatableArray<Expert> experts = [.. level.Experts.Where(IsMixed)];
            levels[number] = new(experts, mixtures);
            read = [.. experts.Select(e => e.Reads), .. mixtures.Select(m => m.Gate).OfType<SoftmaxGate>().Select(g => g.Reads)];
        }

        // Above what nothing reads there is nothing either, if towers stand on the input.
        var left = levels[..(1 + System.Array.FindLastIndex(levels, level => level.Mixtures.Count > 0))];
        var hole = System.Array.FindLastIndex(left, level => level.Mixtures.Count == 0);
        return hole >= 0
            ? Fail<Fault, ModelSpec>(Fault.Usage(
                $"{how} nothing reads the levels below level {hole + 1}, which would have to move down", "describe the smaller model anew"))
            : Checked(old, changed with { Trunk = new Trunk([.. left]) }, how);
    }

    // What is frozen of parts that are gone is gone with them. What named no part before either is a fault.
    private static Validation<Fault, ModelSpec> Checked(ModelSpec old, ModelSpec changed, string how)
    {
        var (before, after) = changed.Frozen.Count == 0 ? ([], []) : (Parameters(old), Parameters(changed));
        bool IsPartOf(string part, string[] names) => names.Any(new ModelSpec(Trunk.Identity, []) { Frozen = [part] }.IsFrozen);
        var thawed = changed with
        {
            Frozen = [.. changed.Frozen.Where(part => IsPartOf(part, after) || !IsPartOf(part, before))],
        };
        var faults = Faults(thawed);
        return faults.IsEmpty
            ? Success<Fault, ModelSpec>(thawed)
            : Fail<Fault, ModelSpec>(faults.Map(fault => fault with { What = $"{how} {fault.What}" }));
    }

    private static string[] Parameters(ModelSpec spec) =>
        !Faults(spec.Unfreeze()).IsEmpty ? [] : [.. ParameterLayout.Of(spec, AnyInputs).Entries.Select(entry => entry.Name)];

    private static Seq<Fault> Faults(ModelSpec spec) =>
        ModelCheck.All(spec, AnyInputs, [.. spec.Towers.Select(tower => new TaskHead(tower.Task, tower.Head))]).ToSeq().Strict();

    private static IEnumerable<Fault> Unaddable(ModelSpec spec, string task, int? at, int levels)
    {
        if (spec.Towers.Any(t => t.Task == task))
        {
            yield return Fault.Usage($"the task '{task}' has a tower already", "replace its tower");
        }

        if (at < 0 || at > spec.Towers.Count)
        {
            yield return Fault.Usage($"the task '{task}' cannot stand at {at}", $"give 0 to {spec.Towers.Count}");
        }

        if (levels > spec.Levels.Count)
        {
            yield return Fault.Usage(
                $"the task '{task}' comes with parts for {levels} levels, and the model has {spec.Levels.Count}", "leave out those above");
        }
    }

    private static Level Joined(Level level, Level joining, TaskOrder order)
    {
        Mixture Replaced(Mixture mixture) => joining.Mixtures.FirstOrDefault(m => m.Stream == mixture.Stream) ?? mixture;
        var added = joining.Mixtures.Where(m => level.Mixtures.All(old => old.Stream != m.Stream));
        return new(
            [.. order.Insert(level.Experts, joining.Experts, e => e.Name)],
            [.. order.Insert([.. level.Mixtures.Select(Replaced)], added, m => m.Stream)]);
    }

    // What a level needs for a task that is built as another.
    private static Level Like(Level level, string like, string task, TaskOrder order)
    {
        string New(string name) => Renamed(name, like, task);
        var own = OwnExperts(level, like, order);
        var experts = level.Experts
            .Where(e => own.Contains(e.Name, StringComparer.Ordinal))
            .Select(e => e with { Name = New(e.Name), Reads = New(e.Reads) });
        Mixture Wider(Mixture mixture) => Over(mixture, order.Insert(
            mixture.Experts, mixture.Experts.Intersect(own, StringComparer.Ordinal).Select(New), name => name));

        // A stitch takes of all tasks' experts, a gate of its own task's alone and not of another's.
        Mixture Copy(Mixture mixture) => mixture.Gate switch
        {
            StitchGate => Swapped(Wider(mixture), own, like, task),
            SoftmaxGate gate => mixture with { Experts = Of(mixture), Gate = gate with { Reads = New(gate.Reads) } },
            _ => mixture with { Experts = Of(mixture) },
        };
        EquatableArray<string> Of(Mixture mixture) =>
            [.. mixture.Experts.Select(name => own.Contains(name, StringComparer.Ordinal) ? New(name) : name)];

        var wider = level.Mixtures.Where(m => m.Gate is StitchGate || (m.Gate is SoftmaxGate && !IsOf(m.Stream, like))).Select(Wider);
        var copies = level.Mixtures.Where(m => IsOf(m.Stream, like)).Select(m => Copy(m) with { Stream = New(m.Stream) });
        return new([.. experts], [.. wider, .. copies]);
    }

    // The stitch of the new task takes of its own what the other takes of its own, and of the other's what that takes of the new.
    private static Mixture Swapped(Mixture mixture, IReadOnlyList<string> own, string like, string task)
    {
        var initial = ((StitchGate)mixture.Gate).Initial;
        string Other(string name) => own.Contains(name, StringComparer.Ordinal) ? Renamed(name, like, task)
            : own.FirstOrDefault(other => Renamed(other, like, task) == name) ?? name;
        return mixture with { Gate = new StitchGate([.. mixture.Experts.Select(name => initial[IndexOf(mixture.Experts, Other(name))])]) };
    }

    // The mixture over other experts: a stitch that shares as those of the family goes on to, any other begins with 0 of new ones.
    private static Mixture Over(Mixture mixture, EquatableArray<string> experts)
    {
        if (mixture.Gate is not StitchGate { Initial: var initial } || initial.Count != mixture.Experts.Count)
        {
            return mixture with { Experts = experts };
        }

        var (before, now) = (IndexOf(mixture.Experts, mixture.Stream), IndexOf(experts, mixture.Stream));
        var isSharing = before >= 0 && now >= 0 && new StitchGate(initial) == StitchGate.Sharing(initial.Count, before, initial[before]);
        return mixture with
        {
            Experts = experts,
            Gate = isSharing
                ? StitchGate.Sharing(experts.Count, now, initial[before])
                : new StitchGate([.. experts.Select(name => IndexOf(mixture.Experts, name) is >= 0 and var old ? initial[old] : 0)]),
        };
    }

    private static IReadOnlyList<string> OwnExperts(Level level, string task, TaskOrder order)
    {
        IEnumerable<string> Mixed(Func<Mixture, bool> which) => level.Mixtures.Where(which).SelectMany(m => m.Experts);
        var ofOthers = Mixed(m => m.Gate is SoftmaxGate && !IsOf(m.Stream, task) && order.Has(m.Stream));
        return [.. Mixed(m => IsOf(m.Stream, task)).Where(name => IsOf(name, task)).Except(ofOthers, StringComparer.Ordinal)];
    }

    private static bool IsOf(string name, string task) =>
        name.StartsWith(task, StringComparison.Ordinal) && (name.Length == task.Length || name[task.Length] == '.');

    // The input is no task's, whatever a task is called.
    private static string Renamed(string name, string like, string task) =>
        name != Streams.Input && IsOf(name, like) ? task + name[like.Length..] : name;

    private static int IndexOf(EquatableArray<string> names, string name) => names.ToList().IndexOf(name);

    private static Validation<Fault, ModelSpec> NoTask(ModelSpec spec, string task) => Fail<Fault, ModelSpec>(Fault.Usage(
        $"the model has no task '{task}'", $"its tasks are {string.Join(", ", spec.Towers.Select(t => t.Task))}"));

    /// <summary>The tasks in their order, and how many of them stand before one that is added.</summary>
    private sealed record TaskOrder(EquatableArray<string> Tasks, int Before)
    {
        public static TaskOrder Of(ModelSpec spec, int? at = null) =>
            new([.. spec.Towers.Select(t => t.Task)], at ?? spec.Towers.Count);

        public bool Has(string name) => this.Tasks.Any(task => IsOf(name, task));

        // Before what is of a task that comes after; else after what is of one that comes before; else last.
        public EquatableArray<T> Insert<T>(EquatableArray<T> items, IEnumerable<T> added, Func<T, string> name)
        {
            var tasks = items.Select(item => this.Tasks.ToList().FindIndex(task => IsOf(name(item), task))).ToList();
            var (next, last) = (tasks.FindIndex(task => task >= this.Before), tasks.FindLastIndex(task => task >= 0));
            var at = next >= 0 ? next : last >= 0 ? last + 1 : items.Count;
            return [.. items.Take(at), .. added, .. items.Skip(at)];
        }
    }
}
