using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>What must hold between surgery, the families and what <see cref="ModelCheck"/> says, for whatever model.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class SurgeryLawTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Dataset([3, 3], 1, [0, 1, 2, 0]).Tasks;

    private static readonly SoftmaxGate Deep = new(TopK: 2) { Hidden = Samples.Relu(2) };

    private static readonly Dictionary<string, Func<EquatableArray<TaskDescriptor>, ModelSpec>> Families = new()
    {
        ["single-task"] = tasks => ModelFamilies.SingleTask(tasks, Samples.Relu(6, 4), Samples.Relu(5)),
        ["shared-bottom"] = tasks => ModelFamilies.SharedBottom(tasks, Samples.Relu(6), Samples.Relu(5)),
        ["one-gate"] = tasks => ModelFamilies.OneGate(tasks, 3, Samples.Relu(4), Samples.Relu(5)),
        ["mmoe"] = tasks => ModelFamilies.Mmoe(tasks, 3, Samples.Relu(4), Samples.Relu(5), Deep),
        ["cgc"] = tasks => ModelFamilies.Cgc(tasks, 2, 1, Samples.Relu(4), Samples.Relu(5), new SoftmaxGate(HasBias: false, TopK: 3)),
        ["cgc, experts of tasks alone"] = tasks => ModelFamilies.Cgc(tasks, 2, 0, Samples.Relu(4), Samples.Relu(5)),
        ["cgc, shared experts alone"] = tasks => ModelFamilies.Cgc(tasks, 0, 2, Samples.Relu(4), Samples.Relu(5)),
        ["ple"] = tasks => ModelFamilies.Ple(tasks, 2, 1, 2, Samples.Relu(4), Samples.Relu(5)),
        ["ple, three levels"] = tasks => ModelFamilies.Ple(tasks, 3, 2, 1, Samples.Relu(4), Samples.Relu(5), new SoftmaxGate(TopK: 2)),
        ["ple, experts of tasks alone"] = tasks => ModelFamilies.Ple(tasks, 2, 1, 0, Samples.Relu(4), Samples.Relu(5)),
        ["ple, shared experts alone"] = tasks => ModelFamilies.Ple(tasks, 2, 0, 2, Samples.Relu(4), Samples.Relu(5)),
        ["cross-stitch"] = tasks => ModelFamilies.CrossStitch(tasks, [Samples.Relu(6)], Samples.Relu(5)),
        ["cross-stitch, three layers"] = tasks =>
            ModelFamilies.CrossStitch(tasks, [Samples.Relu(6), Samples.Relu(4), Samples.Relu(3)], Samples.Relu(5), own: 0.7f),
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_task_added_as_another_is_built_gives_the_familys_model_of_all_tasks(string family)
    {
        foreach (var (whole, less, task, at) in Pairs(family))
        {
            // One network begins with 1 of its own; what it would take beside others is nowhere in the model.
            if (less.Towers.Count == 1 && family.StartsWith("cross-stitch", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.All(less.Towers, like => Assert.Equal(whole, Samples.Valid(less.AddTask(task.Name, Head.For(task), like.Task, at))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_task_added_with_its_parts_gives_the_familys_model_of_all_tasks(string family)
    {
        foreach (var (whole, less, _, at) in Pairs(family))
        {
            EquatableArray<Level> parts =
            [
                .. whole.Levels.Zip(less.Levels, (level, old) => new Level(
                    [.. level.Experts.Except(old.Experts)], [.. level.Mixtures.Except(old.Mixtures)])),
            ];
            Assert.Equal(whole, Samples.Valid(less.AddTask(whole.Towers[at], at, parts)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_task_less_is_the_familys_model_of_the_others(string family)
    {
        foreach (var (whole, less, task, _) in Pairs(family))
        {
            Assert.Equal(less, Samples.Valid(whole.RemoveTask(task.Name)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_task_more_leaves_all_parameters_but_those_of_what_sees_its_experts(string family)
    {
        foreach (var (_, less, task, at) in Pairs(family))
        {
            var model = new ModelCase(Samples.Plain, less, 3);
            var more = Samples.Valid(less.AddTask(task.Name, Head.For(task), less.Towers[^1].Task, at));
            var transfer = SurgeryTests.Transferred(model, more);
            var seeing = family.Split(',')[0] switch
            {
                "ple" when !family.EndsWith("alone", StringComparison.Ordinal) => "gates.shared.",
                "cross-stitch" => ".stitch",
                _ => null,
            };
            bool IsNew(string name) => name.Contains($".{task.Name}.", StringComparison.Ordinal)
                || (seeing is not null && name.Contains(seeing, StringComparison.Ordinal));

            Assert.Equal(
                transfer.Parameters.Select(p => p.Name).Where(IsNew), transfer.Parameters.Where(p => !p.IsCarried).Select(p => p.Name));
            if (seeing is null)
            {
                SurgeryTests.AssertSameLogits(model, model.Parameters(), more, transfer.Values, less.Towers.Select(t => t.Task));
            }
        }
    }

    [Fact]
    public void A_network_that_was_alone_begins_with_nothing_of_the_other()
    {
        var alone = ModelFamilies.CrossStitch([Tasks[0]], [Samples.Relu(6)], Samples.Relu(5));
        var both = Samples.Valid(alone.AddTask("t1", Head.For(Tasks[1]), like: "t0"));

        Assert.Equal(ModelFamilies.CrossStitch([Tasks[0], Tasks[1]], [Samples.Relu(6)], Samples.Relu(5), own: 1), both);
    }

    [Property]
    public void A_task_that_comes_and_goes_changes_nothing(ModelCase model)
    {
        var (tower, at, levels) = Addition(model);
        var more = Samples.Valid(model.Spec.AddTask(tower, at, levels));

        Assert.Equal(tower, more.Towers[at]);
        Assert.Empty(Faults(more));
        Assert.Equal(model.Spec, Samples.Valid(more.RemoveTask(tower.Task)));
    }

    [Property]
    public void A_task_with_parts_of_its_own_leaves_the_others_as_they_are(ModelCase model)
    {
        var (tower, at, levels) = Addition(model);
        EquatableArray<Level> own = [.. levels.Select(l => l with { Mixtures = [.. l.Mixtures.Where(m => m.Stream == tower.Task)] })];
        var more = Samples.Valid(model.Spec.AddTask(tower, at, own));
        var transfer = SurgeryTests.Transferred(model, more);

        Assert.Equal(
            transfer.Parameters.Select(p => p.Name).Where(name => name.Contains(".added.", StringComparison.Ordinal)),
            transfer.Parameters.Where(p => !p.IsCarried).Select(p => p.Name));
        SurgeryTests.AssertSameLogits(model, model.Parameters(), more, transfer.Values, model.Spec.Towers.Select(t => t.Task));
    }

    [Property]
    public void A_task_as_one_that_was_added_is_built_comes_and_goes_too(ModelCase model)
    {
        var (tower, at, levels) = Addition(model);
        var more = Samples.Valid(model.Spec.AddTask(tower, at, levels));
        var most = Samples.Valid(more.AddTask("another", new RegressionHead(), like: tower.Task, at));

        Assert.Empty(Faults(most));
        Assert.Equal(more, Samples.Valid(most.RemoveTask("another")));
        Assert.Equal(
            more.Levels.Select(level => level.Experts.Count(e => e.Name.StartsWith("added.", StringComparison.Ordinal))),
            most.Levels.Select(level => level.Experts.Count(e => e.Name.StartsWith("another.", StringComparison.Ordinal))));
    }

    [Property]
    public void An_expert_less_takes_along_what_nothing_reads_any_more_or_is_a_fault(ModelCase model)
    {
        for (var level = 0; level < model.Spec.Levels.Count; level++)
        {
            foreach (var expert in model.Spec.Levels[level].Experts)
            {
                var expected = ByAndBy(Without(model.Spec, level, expert.Name));
                model.Spec.DropExpert(level, expert.Name).Match(
                    changed => Assert.Equal(expected, changed),
                    faults =>
                    {
                        Assert.NotEmpty(Faults(expected));
                        Assert.All(faults, fault => Assert.StartsWith(
                            $"without the expert '{expert.Name}' of level {level} ", fault.What, StringComparison.Ordinal));
                    });
            }
        }
    }

    [Fact]
    public void Drawn_models_lose_experts_in_every_way()
    {
        var specs = Enumerable.Range(0, 300).Select(seed => Samples.Case(Samples.Loans, seed, 60).Spec).ToArray();
        var all = specs.SelectMany(spec => spec.Levels.SelectMany((level, number) =>
            level.Experts.Select(expert => (Spec: spec, Number: number, Result: spec.DropExpert(number, expert.Name))))).ToArray();
        var faults = all.SelectMany(drop => Samples.Faults(drop.Result)).ToArray();
        var done = all.Where(drop => drop.Result.IsSuccess).Select(drop => (drop.Spec, Changed: Samples.Valid(drop.Result))).ToArray();

        Assert.InRange(done.Length, all.Length / 4, all.Length * 3 / 4);
        Assert.Contains(done, drop => Streams(drop.Changed) < Streams(drop.Spec));
        Assert.Contains(done, drop => Experts(drop.Changed) < Experts(drop.Spec) - 1);
        Assert.Contains(faults, fault => fault.Contains("would have to move down", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("has no expert", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("chooses the top", StringComparison.Ordinal));

        static int Streams(ModelSpec spec) => spec.Levels.Sum(level => level.Mixtures.Count);
        static int Experts(ModelSpec spec) => spec.Levels.Sum(level => level.Experts.Count);
    }

    private static IEnumerable<(ModelSpec Whole, ModelSpec Less, TaskDescriptor Task, int At)> Pairs(string family) =>
        from count in Enumerable.Range(2, Tasks.Count - 1)
        let tasks = Tasks.Take(count).ToArray()
        from at in Enumerable.Range(0, count)
        select (Families[family]([.. tasks]), Families[family]([.. tasks.Where((_, i) => i != at)]), tasks[at], at);

    // A task with an expert of its own or two on each level, which its own mixture mixes with others, and now and then another mixture too.
    private static (Tower Tower, int At, EquatableArray<Level> Levels) Addition(ModelCase model)
    {
        var random = DeterministicRandom.FromSeed((ulong)model.Seed, "addition");
        var levels = new List<Level>();
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var level in model.Spec.Levels)
        {
            var reads = levels.Count == 0 ? Streams.Input : "added";
            int WidthOf(string name)
            {
                var expert = level.Experts.Single(e => e.Name == name);
                return expert.Network.OutputWidth(widths.GetValueOrDefault(expert.Reads));
            }

            var mixture = level.Mixtures[random.NextInt32(level.Mixtures.Count)];
            var width = WidthOf(mixture.Experts[0]);
            Expert[] own =
            [
                .. Enumerable.Range(0, 1 + random.NextInt32(2))
                    .Select(i => new Expert($"added.{i}", new Dense(width, Activation.Tanh), reads)),
            ];
            EquatableArray<string> experts = [.. mixture.Experts, .. own.Select(e => e.Name)];
            Gate gate = random.NextInt32(2) == 0 ? new SoftmaxGate(reads) : new StitchGate([.. experts.Select((_, i) => i / 8f)]);
            Gate More(StitchGate stitch) => new StitchGate([.. stitch.Initial, .. own.Select(_ => 0.5f)]);
            Mixture[] mixtures =
            [
                new("added", experts, gate),
                .. mixture.Gate switch
                {
                    StitchGate stitch => [mixture with { Experts = experts, Gate = More(stitch) }],
                    SoftmaxGate when random.NextInt32(2) == 0 => [mixture with { Experts = experts }],
                    _ => new Mixture[] { },
                },
            ];
            widths = level.Mixtures.ToDictionary(m => m.Stream, m => WidthOf(m.Experts[0]), StringComparer.Ordinal);
            widths["added"] = width;
            levels.Add(new([.. own], [.. mixtures]));
        }

        var tower = new Tower("added", new Dense(3, Activation.ReLU), new BinaryHead(), levels.Count == 0 ? Streams.Input : "added");
        return (tower, random.NextInt32(model.Spec.Towers.Count + 1), [.. levels]);
    }

    private static ModelSpec Without(ModelSpec spec, int level, string expert) => OnLevel(spec, level, old => new(
        [.. old.Experts.Where(e => e.Name != expert)],
        [
            .. old.Mixtures.Select(m => !m.Experts.Contains(expert) ? m : m with
            {
                Experts = [.. m.Experts.Where(name => name != expert)],
                Gate = m.Gate is StitchGate stitch
                    ? new StitchGate([.. stitch.Initial.Where((_, i) => m.Experts[i] != expert)])
                    : m.Gate,
            }),
        ]));

    // One unread part after the other, until there is none.
    private static ModelSpec ByAndBy(ModelSpec spec)
    {
        while (true)
        {
            var next = spec;
            for (var level = 0; level < next.Levels.Count; level++)
            {
                var above = level + 1 < next.Levels.Count ? next.Levels[level + 1] : null;
                next = OnLevel(next, level, old => old with
                {
                    Experts = [.. old.Experts.Where(e => old.Mixtures.Any(m => m.Experts.Contains(e.Name)))],
                    Mixtures =
                    [
                        .. old.Mixtures.Where(m => above is null
                            ? next.Towers.Any(t => t.Reads == m.Stream)
                            : above.Experts.Any(e => e.Reads == m.Stream)
                                || above.Mixtures.Any(upper => upper.Gate is SoftmaxGate gate && gate.Reads == m.Stream)),
                    ],
                });
            }

            if (next == spec)
            {
                break;
            }

            spec = next;
        }

        var plain = spec.Unfreeze();
        var names = Faults(plain).Length > 0 ? [] : ParameterLayout.Of(plain, 9).Entries.Select(e => e.Name).ToArray();
        return spec with { Frozen = [.. spec.Frozen.Where(part => names.Any(name => name == part || name.StartsWith($"{part}.")))] };
    }

    private static ModelSpec OnLevel(ModelSpec spec, int level, Func<Level, Level> change) =>
        spec with { Trunk = new Trunk([.. spec.Levels.Select((old, n) => n == level ? change(old) : old)]) };

    private static string[] Faults(ModelSpec spec) =>
        ModelCheck.Faults(spec, 9, [.. spec.Towers.Select(tower => new TaskHead(tower.Task, tower.Head))]);
}
