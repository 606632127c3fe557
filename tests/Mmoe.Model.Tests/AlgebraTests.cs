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
}

public class ModelFamiliesTests
{
    [Fact]
    public void The_reference_model_is_what_the_paper_draws()
    {
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 8, new([4]), new([8]));

        Assert.Equal(8, spec.Experts.Count);
        Assert.All(spec.Experts, expert => Assert.Equal((Network)new Dense(4, Activation.ReLU), expert));
        Assert.Equal(Gating.PerTask, spec.Gating);
        Assert.Equal(["t0", "t1", "t2"], spec.Towers.Select(t => t.Task));
        Assert.All(spec.Towers, tower => Assert.Equal((Network)new Dense(8, Activation.ReLU), tower.Hidden));
        Assert.Equal(new Head[] { new BinaryHead(), new MulticlassHead(3), new RegressionHead() }, spec.Towers.Select(t => t.Head));
    }

    [Fact]
    public void The_reference_model_has_the_parameters_of_its_formula_on_census_income()
    {
        // 498 inputs, as with --exclude instance_weight: experts and gates 48 columns, towers 4·8 + 8, outputs 8 + 1.
        var dataset = Samples.Dataset([487], 11, [0, 0]);
        var layout = ParameterLayout.Of(ModelFamilies.Mmoe(dataset.Tasks, 8, new([4]), new([8])), 498);

        Assert.Equal((499 * 48) + (2 * ((4 * 8) + 8 + 8 + 1)), layout.ParameterCount);
        Assert.Equal(48, layout.FirstLayer.Stride);
    }

    [Fact]
    public void Every_family_passes_the_check()
    {
        var (tasks, inputs) = (Samples.Loans.Tasks, Samples.Layout(Samples.Loans));

        Assert.All(
            new[]
            {
                ModelFamilies.Mmoe(tasks, 3, new([4, 2]), new([8, 4])),
                ModelFamilies.OneGate(tasks, 3, new([4]), new([8])),
                ModelFamilies.SharedBottom(tasks, new([16, 8]), default),
            },
            spec => Assert.Same(spec, Samples.Valid(spec.Check(inputs, tasks))));
    }

    [Fact]
    public void The_families_differ_in_gates_only()
    {
        var tasks = Samples.Loans.Tasks;

        Assert.Equal(3, ModelFamilies.Mmoe(tasks, 2, new([4]), new([8])).GateCount);
        Assert.Equal(1, ModelFamilies.OneGate(tasks, 2, new([4]), new([8])).GateCount);
        Assert.Equal(0, ModelFamilies.SharedBottom(tasks, new([4]), new([8])).GateCount);
        Assert.Equal(
            ModelFamilies.Mmoe(tasks, 2, new([4]), new([8])),
            ModelFamilies.OneGate(tasks, 2, new([4]), new([8])) with { Gating = Gating.PerTask });
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelCheckTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Loans;
    private static readonly ModelSpec Good = ModelFamilies.Mmoe(Dataset.Tasks, 2, new([4]), new([8]));

    [Property]
    public bool A_spec_that_fits_passes(ModelCase model) => model.Spec.Check(model.Inputs, model.Dataset.Tasks).IsSuccess;

    [Fact]
    public void Experts_of_different_widths_are_named_both() => Expect(
        Good with { Experts = new([new Dense(4, Activation.ReLU), new Dense(5, Activation.ReLU)]) },
        "expert 1 gives 5 values, expert 0 gives 4; the results of experts must be equally wide");

    [Fact]
    public void An_expert_must_begin_with_a_dense_layer() => Expect(
        Good with { Gating = Gating.None, Experts = new([Network.Identity]) },
        "expert 0 begins with nothing; an expert must begin with a dense layer");

    [Fact]
    public void A_dense_layer_needs_a_unit() => Expect(
        Good with { Experts = new([Wide(0), Wide(0)]) },
        "dense layer 0 of expert 0 has 0 units; it needs at least one",
        "dense layer 0 of expert 1 has 0 units; it needs at least one");

    [Fact]
    public void A_model_needs_an_expert() => Expect(Good with { Experts = default }, "the model has no expert; it needs at least one");

    [Fact]
    public void Several_experts_need_a_gate() => Expect(
        Good with { Gating = Gating.None },
        "the model has 2 experts and no gate to choose among them; take one expert, or a gate");

    [Fact]
    public void A_tower_for_an_unknown_task_is_named_and_so_is_the_task_without_a_tower() => Expect(
        Good with { Towers = new([Good.Towers[0], Good.Towers[1], Good.Towers[2] with { Task = "t9" }]) },
        "tower 2 is for the task 't9', the dataset has 't0', 't1', 't2'",
        "the task 't2' has no tower; there are towers for 't0', 't1', 't9'");

    [Fact]
    public void A_task_has_one_tower() => Expect(
        Good with { Towers = new([.. Good.Towers, Good.Towers[0]]) },
        "tower 3 is for the task 't0', which has a tower already; a task has one");

    [Fact]
    public void Towers_stand_in_the_order_of_the_tasks() => Expect(
        Good with { Towers = new(Good.Towers.Reverse()) },
        "the towers are ordered 't2', 't1', 't0', the dataset's tasks 't0', 't1', 't2'; the order must be the same");

    [Fact]
    public void A_head_must_fit_its_task() => Expect(
        Good with { Towers = new([.. Good.Towers.Select(t => t with { Head = new MulticlassHead(4) })]) },
        "the tower of task 't0' ends in a head of 4 classes, the task needs a binary head",
        "the tower of task 't1' ends in a head of 4 classes, the task needs a head of 3 classes",
        "the tower of task 't2' ends in a head of 4 classes, the task needs a regression head");

    [Fact]
    public void A_model_that_fits_no_vector_is_refused_before_anything_is_allocated()
    {
        var fault = Assert.Single(Check(Good with { Experts = new([Wide(int.MaxValue), Wide(int.MaxValue)]) }));

        Assert.Contains("fit in one vector", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_reported_at_once() => Assert.Equal(
        [
            "the model has 2 experts and no gate to choose among them; take one expert, or a gate",
            "dense layer 0 of expert 0 has 0 units; it needs at least one",
            "expert 1 begins with nothing; an expert must begin with a dense layer",
            "dense layer 0 of the tower of task 'x' has -1 units; it needs at least one",
            "tower 0 is for the task 'x', the dataset has 't0', 't1', 't2'",
            "the task 't0' has no tower; there are towers for 'x'",
            "the task 't1' has no tower; there are towers for 'x'",
            "the task 't2' has no tower; there are towers for 'x'",
        ],
        Check(new ModelSpec(new([Wide(0), Network.Identity]), Gating.None, new([new Tower("x", Wide(-1), new BinaryHead())]))));

    private static Network Wide(int units) => new Dense(units, Activation.ReLU);

    private static string[] Check(ModelSpec spec) =>
        Samples.Faults(spec.Check(Samples.Layout(Dataset), Dataset.Tasks));

    private static void Expect(ModelSpec spec, params string[] faults) => Assert.Equal(faults, Check(spec));
}

public class ModelTextTests
{
    [Fact]
    public void The_table_names_parts_layers_and_parameters()
    {
        var spec = ModelFamilies.Mmoe(Samples.Loans.Tasks, 8, new([4]), new([8]));

        Assert.Equal(
            """
            part              layer                 parameters
            experts 0-7       dense 8 → 4 relu             288
            gates t0, t1, t2  dense 8 → 8 softmax          216
            tower t0          dense 4 → 8 relu              40
                              dense 8 → 1 sigmoid            9
            tower t1          dense 4 → 8 relu              40
                              dense 8 → 3 softmax           27
            tower t2          dense 4 → 8 relu              40
                              dense 8 → 1 identity           9
            total                                          669

            """.ReplaceLineEndings("\n"),
            spec.Describe(Samples.Layout(Samples.Loans)));
    }
}
