using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>Surgery changes what it names and nothing else; parameters follow by name.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public class SurgeryTests
{
    private static readonly EquatableArray<TaskDescriptor> Tasks = Samples.Plain.Tasks;

    [Property]
    public void Another_tower_for_a_task_leaves_the_other_tasks_as_they_are(ModelCase model)
    {
        var old = model.Spec.Towers[0];
        var tower = old with { Hidden = new Dense(3, Activation.Tanh), Head = old.Head };
        var changed = Samples.Valid(model.Spec.ReplaceTower(tower));
        var transfer = Transferred(model, changed);

        Assert.Equal(tower, changed.Towers[0]);
        Assert.Equal(model.Spec.Towers.Skip(1), changed.Towers.Skip(1));
        AssertSameLogits(model, model.Parameters(), changed, transfer.Values, changed.Towers.Skip(1).Select(t => t.Task));
    }

    [Property]
    public void A_task_more_leaves_the_others_as_they_are(ModelCase model)
    {
        var reads = model.Spec.Towers[0].Reads;
        var tower = new Tower("added", new Dense(3, Activation.ReLU), new BinaryHead(), reads);
        var changed = Samples.Valid(model.Spec.AddTask(tower));
        var transfer = Transferred(model, changed);

        Assert.Equal([.. model.Spec.Towers, tower], changed.Towers);
        AssertSameLogits(model, model.Parameters(), changed, transfer.Values, model.Spec.Towers.Select(t => t.Task));
        Assert.Equal(
            transfer.Parameters.Where(p => !p.IsCarried).Select(p => p.Name),
            transfer.Parameters.Select(p => p.Name).Where(name => name.Contains(".added.", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_task_more_may_have_a_gate_of_its_own()
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.Mmoe(Tasks, 3, Samples.Relu(4), Samples.Relu(8)), 1);
        var mixture = new Mixture("added", ["0", "2"], new SoftmaxGate());
        var tower = new Tower("added", Samples.Relu(8), new BinaryHead(), "added");
        var changed = Samples.Valid(model.Spec.AddTask(tower, at: 1, levels: [new Level([], [mixture])]));

        Assert.Equal(["t0", "added", "t1", "t2"], changed.Towers.Select(t => t.Task));
        Assert.Equal(["t0", "added", "t1", "t2"], changed.Levels[0].Mixtures.Select(m => m.Stream));
        Assert.Equal(mixture, changed.Levels[0].Mixtures[1]);
        AssertSameLogits(model, model.Parameters(), changed, Transferred(model, changed).Values, ["t0", "t1", "t2"]);
    }

    [Property]
    public void A_task_less_leaves_the_others_as_they_are_and_nothing_unread(ModelCase model)
    {
        var result = model.Spec.RemoveTask(model.Spec.Towers[0].Task);
        if (result.IsFail)
        {
            // Each of these has a test of its own.
            string[] known = ["the only one", "would have to move down", "every part is frozen", "every task has the weight 0"];
            Assert.Contains(known, text => Samples.TheFault(result).What.Contains(text, StringComparison.Ordinal));
            return;
        }

        var changed = Samples.Valid(result);
        var rest = Samples.Dataset([1], 1, [0]) with { Tasks = new(model.Dataset.Tasks.Skip(1)) };

        Assert.Equal(model.Spec.Towers.Skip(1), changed.Towers);
        Assert.Empty(Samples.Faults(changed.Check(model.Inputs, rest.Tasks)));
        AssertSameLogits(model, model.Parameters(), changed, Transferred(model, changed).Values, changed.Towers.Select(t => t.Task));
    }

    [Fact]
    public void A_task_less_takes_its_own_experts_along()
    {
        var spec = ModelFamilies.Ple(Tasks, 2, 1, 1, Samples.Relu(4), Samples.Relu(8)) with
        {
            Weighting = new FixedWeighting([new("t1", 3), new("t2", 0.5)]),
        };

        var changed = Samples.Valid(spec.RemoveTask("t1"));

        // What is shared on the lower level was mixed of all experts.
        Assert.All(changed.Levels, level => Assert.Equal(["t0.0", "t2.0", "shared.0"], level.Experts.Select(e => e.Name)));
        Assert.Equal(["t0.0", "t2.0", "shared.0"], changed.Levels[0].Mixtures[2].Experts);
        Assert.Equal(["t0", "t2"], changed.Levels[1].Mixtures.Select(m => m.Stream));
        Assert.Equal(["t0", "t2", "shared"], changed.Levels[0].Mixtures.Select(m => m.Stream));
        Assert.Equal(new FixedWeighting([new("t2", 0.5)]), changed.Weighting);
    }

    [Fact]
    public void Levels_that_nothing_reads_any_more_are_gone_and_none_moves_down()
    {
        Level own = new([new("a", Samples.Relu(4))], [new("s", ["a"], new PassGate())]);
        Tower Of(string task, string reads) => new(task, Network.Identity, new BinaryHead(), reads);

        Assert.Equal(Trunk.Identity >> [Of("y", "input")], Samples.Valid((own >> [Of("x", "s"), Of("y", "input")]).RemoveTask("x")));

        Level upper = new(
            [new("b", Samples.Relu(4), "s"), new("c", Samples.Relu(4))],
            [new("x", ["b"], new PassGate()), new("y", ["c"], new PassGate())]);
        Assert.Equal(
            ["without the task 'x' nothing reads the levels below level 1, which would have to move down; describe the smaller model anew"],
            Samples.Faults((own >> (Trunk)upper >> [Of("x", "x"), Of("y", "y")]).RemoveTask("x")));
    }

    [Fact]
    public void An_expert_less_takes_along_the_stream_that_it_alone_read()
    {
        Level lower = new(
            [new("a", Samples.Relu(4)), new("b", Samples.Relu(4))],
            [new("s", ["a"], new PassGate()), new("r", ["b"], new PassGate())]);
        Level Upper(string second) => new(
            [new("c", Samples.Relu(4), "s"), new("d", Samples.Relu(4), second)], [new("x", ["c", "d"], new SoftmaxGate())]);
        EquatableArray<Tower> towers = [new("x", Network.Identity, new BinaryHead(), "x")];

        var one = lower with { Experts = [lower.Experts[0]], Mixtures = [lower.Mixtures[0]] };
        Level upper = new([new("c", Samples.Relu(4), "s")], [new("x", ["c"], new SoftmaxGate())]);

        Assert.Equal(one >> (Trunk)upper >> towers, Samples.Valid((lower >> (Trunk)Upper("r") >> towers).DropExpert(1, "d")));
        Assert.Equal(
            ["without the expert 'c' of level 1 nothing reads the levels below level 1, which would have to move down; "
                + "describe the smaller model anew"],
            Samples.Faults((one >> (Trunk)Upper("input") >> towers).DropExpert(1, "c")));
    }

    [Fact]
    public void A_stream_of_a_task_that_is_gone_stays_with_its_experts_where_another_reads_it()
    {
        var spec = ModelFamilies.Cgc(Tasks, 1, 1, Samples.Relu(4), Samples.Relu(8));
        var leaning = Samples.Valid(spec.ReplaceTower(spec.Towers[2] with { Reads = "t1" }));
        Assert.Equal(["t0", "t1"], leaning.Levels[0].Mixtures.Select(m => m.Stream));
        Assert.Equal(["t0.0", "t1.0", "shared.0"], leaning.Levels[0].Experts.Select(e => e.Name));

        var changed = Samples.Valid(leaning.RemoveTask("t1"));

        Assert.Equal(leaning.Trunk, changed.Trunk);
        Assert.Equal(["t0", "t2"], changed.Towers.Select(t => t.Task));
    }

    [Fact]
    public void Experts_that_a_task_is_called_as_by_chance_are_nobodys_own()
    {
        var tasks = Samples.Dataset([3], 1, [0, 0]).Tasks;
        EquatableArray<TaskDescriptor> numbered = [tasks[0] with { Name = "0" }, tasks[1] with { Name = "1" }];
        var (mmoe, shared) = (
            ModelFamilies.Mmoe(numbered, 2, Samples.Relu(4), Samples.Relu(8)),
            ModelFamilies.SharedBottom(numbered, Samples.Relu(4), Samples.Relu(8)));

        Assert.Equal(mmoe.Levels[0].Experts, Samples.Valid(mmoe.RemoveTask("1")).Levels[0].Experts);
        Assert.Equal(mmoe.Levels[0].Experts, Samples.Valid(mmoe.AddTask("x", new BinaryHead(), like: "1")).Levels[0].Experts);
        Assert.Equal(shared.Trunk, Samples.Valid(shared.RemoveTask("0")).Trunk);
    }

    [Fact]
    public void A_stream_that_passes_an_expert_on_passes_on_no_other()
    {
        Level level = new(
            [new("t0.0", Samples.Relu(4)), new("0", Samples.Relu(4))],
            [new("t0", ["t0.0", "0"], new SoftmaxGate()), new("alone", ["t0.0"], new PassGate())]);
        Tower Of(string task, string reads) => new(task, Network.Identity, new BinaryHead(), reads);
        var spec = level >> [Of("t0", "t0"), Of("t1", "alone")];

        var changed = Samples.Valid(spec.AddTask("t2", new BinaryHead(), like: "t0"));

        Assert.Equal(
            [level.Mixtures[0], new("t2", ["t2.0", "0"], new SoftmaxGate()), level.Mixtures[1]], changed.Levels[0].Mixtures);
    }

    [Fact]
    public void The_input_is_the_models_even_where_a_task_is_called_so()
    {
        var spec = Trunk.Identity >> [new Tower("input", Samples.Relu(4), new BinaryHead(), Streams.Input)];

        Assert.Equal(Streams.Input, Samples.Valid(spec.AddTask("t1", new BinaryHead(), like: "input")).Towers[1].Reads);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2")]
    public void An_expert_less_is_an_expert_that_no_gate_chooses(string expert)
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.Mmoe(Tasks, 3, Samples.Relu(4), Samples.Relu(8)), 7);
        var changed = Samples.Valid(model.Spec.DropExpert(0, expert));
        var parameters = model.Parameters();
        var unchosen = parameters.ToArray();
        foreach (var task in Tasks)
        {
            var bias = model.Layout[$"gates.{task.Name}.bias"];
            unchosen[bias.Offset + int.Parse(expert)] = -1e6f;
        }

        var transfer = ParameterTransfer.Of(model.Spec, parameters, changed, model.Inputs.Width, seed: 1);

        Assert.All(transfer.Parameters, parameter => Assert.True(parameter.IsCarried, parameter.Name));
        Assert.DoesNotContain(transfer.Parameters, parameter => parameter.Name.StartsWith($"experts.{expert}.", StringComparison.Ordinal));
        AssertSameLogits(model, unchosen, changed, transfer.Values, Tasks.Select(task => task.Name));
    }

    [Fact]
    public void A_stitch_without_an_expert_keeps_the_weights_of_the_others()
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.CrossStitch(Tasks, [Samples.Relu(4)], Samples.Relu(8)), 7);
        var parameters = model.Parameters();
        var without = parameters.ToArray();
        foreach (var task in Tasks)
        {
            without[model.Layout[$"gates.{task.Name}.stitch"].Offset + 1] = 0;
        }

        var changed = Samples.Valid(model.Spec.DropExpert(0, "t1"));
        var transfer = ParameterTransfer.Of(model.Spec, parameters, changed, model.Inputs.Width, seed: 1);

        AssertSameLogits(model, without, changed, transfer.Values, Tasks.Select(task => task.Name));
    }

    [Fact]
    public void What_is_new_starts_as_in_a_new_model()
    {
        var model = new ModelCase(Samples.Plain, ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 7);
        var changed = Samples.Valid(model.Spec.ReplaceTower(model.Spec.Towers[1] with { Hidden = Samples.Relu(5) }));
        var transfer = ParameterTransfer.Of(model.Spec, model.Parameters(), changed, model.Inputs.Width, seed: 9);

        string[] renewed = ["towers.t1.dense.0.weight", "towers.t1.dense.0.bias", "towers.t1.output.weight"];
        Assert.Equal(renewed, transfer.Parameters.Where(p => !p.IsCarried).Select(p => p.Name));
        var layout = ParameterLayout.Of(changed, model.Inputs.Width);
        Assert.All(renewed, name => Assert.Equal(
            Values(layout, Initialiser.Values(layout, 9), name), Values(layout, transfer.Values, name)));
        Assert.Equal(
            Values(model.Layout, model.Parameters(), "towers.t1.output.bias"), Values(layout, transfer.Values, "towers.t1.output.bias"));
    }

    [Fact]
    public void Freezing_adds_up_and_is_undone_at_once()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8));
        var frozen = spec.Freeze("experts.0", "gates").Freeze("gates", "towers.t1");

        Assert.Equal(["experts.0", "gates", "towers.t1"], frozen.Frozen);
        Assert.True(frozen.IsFrozen("experts.0.dense.0.weight"));
        Assert.False(frozen.IsFrozen("experts.1.dense.0.weight"));
        Assert.False(spec.Freeze("experts.1").IsFrozen("experts.10.dense.0.weight"));
        Assert.Equal(spec, frozen.Unfreeze());
    }

    [Fact]
    public void What_is_frozen_of_a_part_that_is_gone_is_gone_too()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 11, Samples.Relu(4), Samples.Relu(8))
            .Freeze("experts.1", "experts.2.dense.0.weight", "gates.t1", "towers.t1.output", "experts.10", "towers");

        Assert.Equal(
            ["experts.1", "gates.t1", "towers.t1.output", "experts.10", "towers"], Samples.Valid(spec.DropExpert(0, "2")).Frozen);
        Assert.Equal(
            ["experts.2.dense.0.weight", "gates.t1", "towers.t1.output", "experts.10", "towers"],
            Samples.Valid(spec.DropExpert(0, "1")).Frozen);
        Assert.Equal(
            ["experts.1", "experts.2.dense.0.weight", "experts.10", "towers"], Samples.Valid(spec.RemoveTask("t1")).Frozen);
    }

    [Fact]
    public void A_frozen_beginning_of_which_nothing_is_left_is_gone_and_one_that_never_was_is_a_fault()
    {
        Level level = new(
            [new("a", Samples.Relu(4)), new("b", Samples.Relu(4))],
            [new("x", ["a"], new PassGate()), new("y", ["a", "b"], new SoftmaxGate())]);
        var spec = (level >> [new Tower("x", Network.Identity, new BinaryHead(), "x"), new("y", Network.Identity, new BinaryHead(), "y")])
            .Freeze("gates", "experts");

        Assert.Equal(["experts"], Samples.Valid(spec.RemoveTask("y")).Frozen);
        Assert.StartsWith(
            "without the task 'y' there is no part 'expert' to freeze",
            Samples.TheFault(spec.Unfreeze().Freeze("expert").RemoveTask("y")).What,
            StringComparison.Ordinal);
        Assert.Equal(
            ["without the task 'y' every part is frozen, and there is nothing to train; leave one out of experts, towers"],
            Samples.Faults(spec.Freeze("towers.x").RemoveTask("y")));
    }

    [Fact]
    public void What_cannot_be_done_is_a_fault()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8), new SoftmaxGate(TopK: 2));
        var tower = new Tower("x", Network.Identity, new BinaryHead(), "t0");

        Assert.Equal(["the model has no task 'x'; its tasks are t0, t1, t2"], Samples.Faults(spec.ReplaceTower(tower)));
        Assert.Equal(["the model has no task 'x'; its tasks are t0, t1, t2"], Samples.Faults(spec.RemoveTask("x")));
        Assert.Equal(
            ["with the new tower of the task 't1' the tower of task 't1' reads the stream 'no', and there are 'input', 't0', 't2'"],
            Samples.Faults(spec.ReplaceTower(tower with { Task = "t1", Reads = "no" })));
        Assert.Equal(["there is no expert '9' on level 0"], Samples.Faults(spec.DropExpert(0, "9")));
        Assert.Equal(["there is no expert '0' on level 1"], Samples.Faults(spec.DropExpert(1, "0")));
        Assert.Equal(
            Enumerable.Range(0, 3).Select(t =>
                $"without the expert '0' of level 0 the gate of the mixture 't{t}' chooses the top 2 of 1 experts; it must be 1 to 1"),
            Samples.Faults(spec.DropExpert(0, "0")));
        Assert.Equal(
            ["without the expert '0' of level 0 the model has no expert; it needs at least one",
            "without the expert '0' of level 0 the mixture 'shared' has no expert; it needs at least one"],
            Samples.Faults(ModelFamilies.SharedBottom(Tasks, Samples.Relu(4), Network.Identity).DropExpert(0, "0")));
        Assert.Equal(
            ["the task 't0' is the only one, and a model needs one; add another first"],
            Samples.Faults(ModelFamilies.SharedBottom([Tasks[0]], Samples.Relu(4), Network.Identity).RemoveTask("t0")));
        Assert.Equal(
            ["without the task 't1' every task has the weight 0; there is nothing to train"],
            Samples.Faults((spec with { Weighting = new FixedWeighting([new("t0", 0), new("t2", 0)]) }).RemoveTask("t1")));
        Assert.Throws<ArgumentException>(() => ParameterTransfer.Of(spec, new float[3], spec, 7, 1));
    }

    [Fact]
    public void A_task_that_cannot_be_added_is_a_fault()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8));
        var tower = new Tower("x", Network.Identity, new BinaryHead(), "t0");
        Level none = new([], []);
        BinaryHead head = new();
        var ple = ModelFamilies.Ple(Tasks, 3, 1, 1, Samples.Relu(4), Samples.Relu(8));

        Assert.Equal(
            ["the task 't1' has a tower already; replace its tower",
            "the task 't1' cannot stand at 4; give 0 to 3",
            "the task 't1' comes with parts for 2 levels, and the model has 1; leave out those above"],
            Samples.Faults(spec.AddTask(tower with { Task = "t1" }, 4, [none, none])));
        Assert.Equal(
            ["with the task 'x' two experts are called '0'; names must differ"],
            Samples.Faults(spec.AddTask(tower, levels: [new Level([spec.Levels[0].Experts[0]], [])])));
        Assert.Equal(
            ["with the task 'x' the mixture 'x' names the expert '9', the level has '0', '1'",
            "with the task 'x' nothing reads the stream 'x'"],
            Samples.Faults(spec.AddTask(tower, levels: [new Level([], [new Mixture("x", ["9"], new SoftmaxGate())])])));
        Assert.Equal(["the model has no task 'no'; its tasks are t0, t1, t2"], Samples.Faults(spec.AddTask("x", head, like: "no")));
        Assert.Equal(["the task 'x' cannot stand at -1; give 0 to 3"], Samples.Faults(spec.AddTask("x", head, like: "t0", at: -1)));
        Assert.Equal(
            ["level 0 has a stream 'shared' already; call the task otherwise",
            "level 1 has a stream 'shared' already; call the task otherwise"],
            Samples.Faults(ple.AddTask("shared", head, like: "t0")));
    }

    internal static ParameterTransfer Transferred(ModelCase model, ModelSpec changed) =>
        ParameterTransfer.Of(model.Spec, model.Parameters(), changed, model.Inputs.Width, model.Seed);

    private static float[] Values(ParameterLayout layout, float[] flat, string name)
    {
        var values = new float[layout[name].Count];
        layout[name].CopyFrom(flat, values);
        return values;
    }

    internal static void AssertSameLogits(
        ModelCase model, float[] parameters, ModelSpec changed, float[] carried, IEnumerable<string> tasks)
    {
        var rows = model.Rows(4);
        var (before, after) = (
            new ManagedForward(model.Spec, model.Inputs).Logits(parameters, rows),
            new ManagedForward(changed, model.Inputs).Logits(carried, rows));
        foreach (var task in tasks)
        {
            Assert.Equal(Of(model.Spec, before, task), Of(changed, after, task));
        }
    }

    private static float[] Of(ModelSpec spec, float[] logits, string task)
    {
        var first = spec.Towers.TakeWhile(tower => tower.Task != task).Sum(tower => tower.Head.Width);
        var width = spec.Towers.First(tower => tower.Task == task).Head.Width;
        return [.. logits.Chunk(spec.LogitWidth).SelectMany(row => row.Skip(first).Take(width))];
    }
}
