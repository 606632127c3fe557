using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class NetworkTests
{
    [Property]
    public bool Composition_is_associative(Network a, Network b, Network c) => ((a >> b) >> c) == (a >> (b >> c));

    [Property]
    public bool Identity_changes_nothing_on_either_side(Network a) => (Network.Identity >> a) == a && (a >> Network.Identity) == a;

    [Property]
    public bool A_composition_is_as_wide_as_its_parts_one_after_the_other(Network a, Network b) =>
        (a >> b).OutputWidth(3) == b.OutputWidth(a.OutputWidth(3));

    [Fact]
    public void The_order_of_composition_matters()
    {
        var (one, two) = (new Dense(1, Activation.ReLU), new Dense(2, Activation.ReLU));

        Assert.Equal(new EquatableArray<Layer>([one, two]), (one >> two).Layers);
        Assert.Equal(new EquatableArray<Layer>([two, one]), (two >> one).Layers);
        Assert.NotEqual(one >> two, two >> one);
    }

    [Fact]
    public void Only_dense_layers_change_the_width() => Assert.Equal(
        (5, 4, 4),
        (
            (new Activate(Activation.Tanh) >> new LayerNorm() >> new Dropout(0.1) >> new Residual(Samples.Relu(5))).OutputWidth(5),
            (new Dense(4, Activation.ReLU) >> new LayerNorm()).OutputWidth(5),
            Samples.Relu(2, 3, 4).OutputWidth(5)));
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class TrunkTests
{
    [Property]
    public bool Composition_is_associative(Trunk a, Trunk b, Trunk c) => ((a >> b) >> c) == (a >> (b >> c));

    [Property]
    public bool Identity_changes_nothing_on_either_side(Trunk a) => (Trunk.Identity >> a) == a && (a >> Trunk.Identity) == a;

    [Fact]
    public void Levels_compose_as_they_are_and_in_order()
    {
        Level Of(string stream) => new([new Expert("0", Samples.Relu(4))], [new Mixture(stream, ["0"], new PassGate())]);
        var (one, two) = (Of("one"), Of("two"));

        Assert.Equal([one, two], (one >> two).Levels);
        Assert.NotEqual(one >> two, two >> one);
        Assert.Equal(Trunk.Identity >> one >> two, one >> (Trunk)two);
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelSpecTests
{
    [Property]
    public bool The_logits_are_as_many_as_the_heads_are_wide(ModelCase model) =>
        model.Spec.LogitWidth == model.Dataset.Tasks.Sum(task => task.OutputWidth);

    [Fact]
    public void What_is_frozen_is_named_in_full_or_by_a_beginning_up_to_a_dot()
    {
        var spec = new ModelSpec(Trunk.Identity, []) { Frozen = ["experts.1", "gates.a.bias"] };

        Assert.Equal(
            [true, true, false, false, true, false, false],
            new[]
            {
                "experts.1", "experts.1.dense.0.bias", "experts.10.dense.0.bias", "experts", "gates.a.bias", "gates.a.weight",
                "levels.1.experts.1",
            }.Select(spec.IsFrozen));
    }
}

public class ModelFamiliesTests
{
    private static readonly EquatableArray<TaskDescriptor> Two = new(Samples.Loans.Tasks.Take(2));
    private static readonly EquatableArray<Tower> Towers =
        [new("t0", Samples.Relu(8), new BinaryHead(), "t0"), new("t1", Samples.Relu(8), new MulticlassHead(3), "t1")];

    [Fact]
    public void The_reference_model_is_what_the_paper_draws()
    {
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 8, Samples.Relu(4), Samples.Relu(8));
        var level = Assert.Single(spec.Levels);

        Assert.Equal(Enumerable.Range(0, 8).Select(e => new Expert($"{e}", new Dense(4, Activation.ReLU), "input")), level.Experts);
        EquatableArray<string> all = ["0", "1", "2", "3", "4", "5", "6", "7"];
        Assert.Equal(new[] { "t0", "t1", "t2" }.Select(task => new Mixture(task, all, new SoftmaxGate("input"))), level.Mixtures);
        Assert.Equal(
            [
                new("t0", new Dense(8, Activation.ReLU), new BinaryHead(), "t0"),
                new("t1", new Dense(8, Activation.ReLU), new MulticlassHead(3), "t1"),
                new Tower("t2", new Dense(8, Activation.ReLU), new RegressionHead(), "t2"),
            ],
            spec.Towers);
        Assert.Equal((new FixedWeighting([]), 0), (spec.Weighting, spec.Frozen.Count));
    }

    [Fact]
    public void The_reference_model_has_the_parameters_of_its_formula_on_census_income()
    {
        // 498 inputs, as with --exclude instance_weight: experts and gates 48 columns, towers 4·8 + 8, outputs 8 + 1.
        var dataset = Samples.Dataset([487], 11, [0, 0]);
        var layout = ParameterLayout.Of(ModelFamilies.Mmoe(dataset.Tasks, 8, Samples.Relu(4), Samples.Relu(8)), 498);

        Assert.Equal((499 * 48) + (2 * ((4 * 8) + 8 + 8 + 1)), layout.ParameterCount);
        Assert.Equal(48, layout.FirstLayer.Stride);
    }

    [Fact]
    public void Every_family_passes_the_check()
    {
        var (tasks, inputs) = (Samples.Loans.Tasks, Samples.Layout(Samples.Loans));
        var (expert, tower) = (Samples.Relu(4, 2), Samples.Relu(8, 4));
        var gate = new SoftmaxGate(HasBias: false, Temperature: 2, TopK: 1) { Hidden = Samples.Relu(3) };

        Assert.All(
            new[]
            {
                ModelFamilies.SingleTask(tasks, expert, tower),
                ModelFamilies.SharedBottom(tasks, Samples.Relu(16, 8), Network.Identity),
                ModelFamilies.OneGate(tasks, 3, expert, tower),
                ModelFamilies.Mmoe(tasks, 3, expert, tower, gate),
                ModelFamilies.Cgc(tasks, 2, 1, expert, tower, gate),
                ModelFamilies.Ple(tasks, 3, 2, 1, expert, tower, gate),
                ModelFamilies.Ple(tasks, 2, 0, 2, expert, tower),
                ModelFamilies.Ple(tasks, 2, 2, 0, expert, tower),
                ModelFamilies.CrossStitch(tasks, [Samples.Relu(5), expert], tower),
                Trunk.Identity >> ModelFamilies.Towers(tasks, tower, "input"),
            },
            spec => Assert.Same(spec, Samples.Valid(spec.Check(inputs, tasks))));
    }

    [Fact]
    public void Single_task_is_a_network_for_each_task_alone() => Assert.Equal(
        new Level(
            [new("t0", Samples.Relu(4)), new("t1", Samples.Relu(4))],
            [new("t0", ["t0"], new PassGate()), new("t1", ["t1"], new PassGate())]) >> Towers,
        ModelFamilies.SingleTask(Two, Samples.Relu(4), Samples.Relu(8)));

    [Fact]
    public void One_gate_is_one_mixture_for_all_towers() => Assert.Equal(
        new Level([new("0", Samples.Relu(4)), new("1", Samples.Relu(4))], [new("shared", ["0", "1"], new SoftmaxGate())])
            >> ModelFamilies.Towers(Two, Samples.Relu(8), "shared"),
        ModelFamilies.OneGate(Two, 2, Samples.Relu(4), Samples.Relu(8)));

    [Fact]
    public void Cgc_is_what_the_paper_draws()
    {
        var expected = new Level(
            [
                new("t0.0", Samples.Relu(4)), new("t0.1", Samples.Relu(4)), new("t1.0", Samples.Relu(4)), new("t1.1", Samples.Relu(4)),
                new("shared.0", Samples.Relu(4)),
            ],
            [new("t0", ["t0.0", "t0.1", "shared.0"], new SoftmaxGate()), new("t1", ["t1.0", "t1.1", "shared.0"], new SoftmaxGate())])
            >> Towers;

        Assert.Equal(expected, ModelFamilies.Cgc(Two, 2, 1, Samples.Relu(4), Samples.Relu(8)));
        Assert.Equal(expected, ModelFamilies.Ple(Two, 1, 2, 1, Samples.Relu(4), Samples.Relu(8)));
    }

    [Fact]
    public void Ple_feeds_the_shared_experts_of_the_next_level_through_a_gate_over_all()
    {
        var expert = Samples.Relu(4);
        var gate = new SoftmaxGate(Temperature: 2);
        var expected = new Level(
            [new("t0.0", expert), new("t1.0", expert), new("shared.0", expert)],
            [
                new("t0", ["t0.0", "shared.0"], gate), new("t1", ["t1.0", "shared.0"], gate),
                new("shared", ["t0.0", "t1.0", "shared.0"], gate),
            ]) >> new Level(
            [new("t0.0", expert, "t0"), new("t1.0", expert, "t1"), new("shared.0", expert, "shared")],
            [
                new("t0", ["t0.0", "shared.0"], gate with { Reads = "t0" }),
                new("t1", ["t1.0", "shared.0"], gate with { Reads = "t1" }),
            ]) >> Towers;

        Assert.Equal(expected, ModelFamilies.Ple(Two, 2, 1, 1, expert, Samples.Relu(8), gate));
    }

    [Fact]
    public void Cross_stitch_mixes_the_tasks_after_each_of_their_layers()
    {
        var expected = new Level(
            [new("t0", Samples.Relu(4)), new("t1", Samples.Relu(4))],
            [new("t0", ["t0", "t1"], new StitchGate([0.75f, 0.25f])), new("t1", ["t0", "t1"], new StitchGate([0.25f, 0.75f]))])
            >> new Level(
            [new("t0", Samples.Relu(3), "t0"), new("t1", Samples.Relu(3), "t1")],
            [new("t0", ["t0", "t1"], new StitchGate([0.75f, 0.25f])), new("t1", ["t0", "t1"], new StitchGate([0.25f, 0.75f]))])
            >> Towers;

        Assert.Equal(expected, ModelFamilies.CrossStitch(Two, [Samples.Relu(4), Samples.Relu(3)], Samples.Relu(8), own: 0.75f));
    }

    [Fact]
    public void A_single_task_is_stitched_to_nothing_and_takes_all_of_its_own()
    {
        var spec = ModelFamilies.CrossStitch(new(Two.Take(1)), [Samples.Relu(4)], Network.Identity, own: 0.5f);

        Assert.Equal([1f], Assert.IsType<StitchGate>(spec.Levels[0].Mixtures[0].Gate).Initial);
    }
}
