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
        var mixture = new Mixture("added", ["0", "1", "2"], new SoftmaxGate());
        var changed = Samples.Valid(model.Spec.AddTask(new Tower("added", Samples.Relu(8), new BinaryHead(), "added"), mixture));

        Assert.Equal(mixture, changed.Levels[0].Mixtures[^1]);
        Assert.Equal(4, changed.Towers.Count);
        AssertSameLogits(model, model.Parameters(), changed, Transferred(model, changed).Values, ["t0", "t1", "t2"]);
    }

    [Property]
    public void A_task_less_leaves_the_others_as_they_are_and_nothing_unread(ModelCase model)
    {
        // Where what is left would have to move down a level it is a fault, which a test of its own shows.
        if (model.Spec.Towers.Count == 1 || model.Spec.RemoveTask(model.Spec.Towers[0].Task).IsFail)
        {
            return;
        }

        // What is frozen, and what weighs 0, may be all that is left.
        var changed = Samples.Valid(model.Spec.RemoveTask(model.Spec.Towers[0].Task)) with { Frozen = default, Weighting = TaskWeighting.Equal };
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

        // What is shared on the lower level was mixed of all experts: its gate would choose among those of a task that is gone.
        Assert.Equal(["t0.0", "t2.0", "shared.0"], changed.Levels[1].Experts.Select(e => e.Name));
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
        var spec = ModelFamilies.Mmoe(Tasks, 3, Samples.Relu(4), Samples.Relu(8))
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
    public void What_cannot_be_done_is_a_fault()
    {
        var spec = ModelFamilies.Mmoe(Tasks, 2, Samples.Relu(4), Samples.Relu(8), new SoftmaxGate(TopK: 2));
        var tower = new Tower("x", Network.Identity, new BinaryHead(), "t0");

        Assert.Equal(["the model has no task 'x'; its tasks are t0, t1, t2"], Samples.Faults(spec.ReplaceTower(tower)));
        Assert.Equal(["the model has no task 'x'; its tasks are t0, t1, t2"], Samples.Faults(spec.RemoveTask("x")));
        Assert.Equal(
            ["the task 't1' has a tower already; replace its tower"], Samples.Faults(spec.AddTask(tower with { Task = "t1" })));
        Assert.Equal(
            ["the last level has a stream 't0' already"],
            Samples.Faults(spec.AddTask(tower, new Mixture("t0", ["0"], new PassGate()))));
        Assert.Equal(
            ["the model has no level that could have a mixture"],
            Samples.Faults((Trunk.Identity >> [tower]).AddTask(tower with { Task = "y" }, new Mixture("y", ["0"], new PassGate()))));
        Assert.Equal(["there is no expert '9' on level 0"], Samples.Faults(spec.DropExpert(0, "9")));
        Assert.Equal(["there is no expert '0' on level 1"], Samples.Faults(spec.DropExpert(1, "0")));
        Assert.Equal(
            Enumerable.Range(0, 3).Select(t => $"the gate of the mixture 't{t}' chooses the top 2, and 1 experts would be left"),
            Samples.Faults(spec.DropExpert(0, "0")));
        Assert.Equal(
            ["the mixture 'shared' would be left without an expert"],
            Samples.Faults(ModelFamilies.SharedBottom(Tasks, Samples.Relu(4), Network.Identity).DropExpert(0, "0")));
        Assert.Throws<ArgumentException>(() => ParameterTransfer.Of(spec, new float[3], spec, 7, 1));
    }

    private static ParameterTransfer Transferred(ModelCase model, ModelSpec changed) =>
        ParameterTransfer.Of(model.Spec, model.Parameters(), changed, model.Inputs.Width, model.Seed);

    private static float[] Values(ParameterLayout layout, float[] flat, string name)
    {
        var values = new float[layout[name].Count];
        layout[name].CopyFrom(flat, values);
        return values;
    }

    private static void AssertSameLogits(ModelCase model, float[] parameters, ModelSpec changed, float[] carried, IEnumerable<string> tasks)
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
