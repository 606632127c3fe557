using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelCheckTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Plain;
    private static readonly ModelSpec Good = ModelFamilies.Mmoe(Dataset.Tasks, 2, Samples.Relu(4), Samples.Relu(8));
    private static readonly ModelSpec Shared = ModelFamilies.SharedBottom(Dataset.Tasks, Samples.Relu(4), Samples.Relu(8));
    private static readonly Dense Four = new(4, Activation.ReLU);

    [Property(MaxTest = 300)]
    public void A_spec_that_fits_passes(ModelCase model) =>
        Assert.Same(model.Spec, Samples.Valid(model.Spec.Check(model.Inputs, model.Dataset.Tasks)));

    [Fact]
    public void A_model_needs_an_expert_where_it_has_a_level() => Expect(
        Shared with { Trunk = new Level([], []) },
        ["the model has no expert; it needs at least one",
        .. TowersWithout("'input'")]);

    [Fact]
    public void A_level_needs_an_expert_and_is_named_by_its_number() => Expect(
        Shared with { Trunk = Shared.Trunk >> new Level([], []) },
        ["nothing reads the stream 'shared' of level 0",
        "level 1 has no expert; it needs at least one",
        .. TowersWithout("'input'")]);

    [Fact]
    public void Experts_and_streams_have_names() => Expect(
        Level([new Expert("", Four)], [new Mixture("", [""], new PassGate())]),
        ["an expert has no name",
        "a stream has no name",
        "nothing reads the stream ''",
        .. TowersWithout("'input', ''")]);

    [Fact]
    public void Names_of_experts_and_streams_differ() => Expect(
        Level(
            [new Expert("a", Four), new Expert("a", Four)],
            [new Mixture("shared", ["a"], new PassGate()), new Mixture("shared", ["a"], new PassGate())]),
        "two experts are called 'a'; names must differ",
        "two streams are called 'shared'; names must differ");

    [Fact]
    public void A_stream_is_not_called_as_the_input() => Expect(
        Level([new Expert("a", Four)], [new Mixture("input", ["a"], new PassGate())], "input"),
        "a stream is called 'input', which is the name of the model's input");

    [Fact]
    public void A_part_reads_a_stream_of_the_level_before_or_the_input() => Expect(
        Shared with
        {
            Trunk = Shared.Trunk
                >> new Level([new Expert("0", Four, "shared")], [new Mixture("upper", ["0"], new SoftmaxGate("shared"))])
                >> new Level([new Expert("0", Four, "shared")], [new Mixture("shared", ["0"], new SoftmaxGate("no"))]),
            Towers = [Shared.Towers[0], Shared.Towers[1], Shared.Towers[2] with { Reads = "upper" }],
        },
        "nothing reads the stream 'upper' of level 1",
        "expert 0 of level 2 reads the stream 'shared', and there are 'input', 'upper'",
        "the gate of the mixture 'shared' of level 2 reads the stream 'no', and there are 'input', 'upper'",
        "the tower of task 't2' reads the stream 'upper', and there are 'input', 'shared'");

    [Fact]
    public void What_reads_an_unknown_stream_has_no_other_fault_for_that() => Expect(
        Level([new Expert("0", new Residual(Four), "no")], [new Mixture("shared", ["0"], new PassGate())]),
        "expert 0 reads the stream 'no', and there are 'input'");

    [Fact]
    public void Every_expert_is_mixed_and_every_stream_read() => Expect(
        Level(
            [new Expert("0", Four), new Expert("1", Four)],
            [new Mixture("shared", ["0"], new PassGate()), new Mixture("spare", ["0"], new PassGate())]),
        "expert 1 is part of no mixture",
        "nothing reads the stream 'spare'");

    [Fact]
    public void A_mixture_has_experts_of_its_level_each_once() => Expect(
        Shared with
        {
            Trunk = new Level(
                [new Expert("0", Four)],
                [
                    new Mixture("a", [], new PassGate()), new Mixture("b", ["0", "0"], new SoftmaxGate()),
                    new Mixture("shared", ["9"], new PassGate()),
                ]),
            Towers = [Shared.Towers[0] with { Reads = "a" }, Shared.Towers[1] with { Reads = "b" }, Shared.Towers[2]],
        },
        "the mixture 'a' has no expert; it needs at least one",
        "the mixture 'b' names an expert twice",
        "the mixture 'shared' names the expert '9', the level has '0'");

    [Fact]
    public void Experts_of_different_widths_are_named_both() => Expect(
        Level(
            [new Expert("0", Four), new Expert("1", new Dense(5, Activation.ReLU))],
            [new Mixture("shared", ["no", "0", "1"], new SoftmaxGate())]),
        "the mixture 'shared' names the expert 'no', the level has '0', '1'",
        "expert 1 gives 5 values, expert 0 gives 4; the results of experts that are mixed must be equally wide");

    [Fact]
    public void Experts_of_different_widths_may_stand_on_one_level() => Expect(
        Shared with
        {
            Trunk = new Level(
                [new Expert("0", Four), new Expert("1", new Dense(5, Activation.ReLU))],
                [new Mixture("shared", ["0"], new PassGate()), new Mixture("wide", ["1"], new PassGate())]),
            Towers = [Shared.Towers[0], Shared.Towers[1], Shared.Towers[2] with { Reads = "wide" }],
        });

    [Fact]
    public void Several_experts_need_a_gate() => Expect(
        WithGate(new PassGate()), "the mixture 'shared' has 2 experts and no gate to choose among them; take one expert, or a gate");

    [Fact]
    public void A_stitch_begins_with_a_finite_weight_for_each_expert() => Expect(
        WithGate(new StitchGate([1, float.NaN, 2])),
        "the stitch of the mixture 'shared' begins with 3 weights, and there are 2 experts",
        "a weight that the stitch of the mixture 'shared' begins with is not finite");

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(2.9e-39, "2.9E-39")]
    public void A_temperature_is_above_0(double temperature, string text) => Expect(
        WithGate(new SoftmaxGate(Temperature: temperature)),
        $"the temperature of the gate of the mixture 'shared' is {text}; it must be above 0, and its inverse a single-precision number");

    [Fact]
    public void The_least_temperatures_have_an_inverse() => Expect(WithGate(new SoftmaxGate(Temperature: 2.95e-39)));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_gate_chooses_among_the_experts_that_there_are(int topK) => Expect(
        WithGate(new SoftmaxGate(TopK: topK)),
        $"the gate of the mixture 'shared' chooses the top {topK} of 2 experts; it must be 1 to 2");

    [Fact]
    public void Gates_layers_and_heads_are_of_known_kinds() => Expect(
        WithGate(new OtherGate()) with
        {
            Towers =
            [
                Shared.Towers[0] with { Hidden = new OtherLayer() }, Shared.Towers[1], Shared.Towers[2] with { Head = new OtherHead() },
            ],
        },
        "the mixture 'shared' has a gate of a kind that is not known: OtherGate",
        "the tower of task 't0' has a layer of a kind that is not known: OtherLayer",
        "the tower of task 't2' ends in OtherHead, the task needs a regression head");

    [Fact]
    public void What_stands_on_the_input_begins_with_a_dense_layer()
    {
        var gate = new SoftmaxGate { Hidden = new LayerNorm() >> Four };
        Expect(
            Shared with
            {
                Trunk = new Level(
                    [
                        new Expert("0", Network.Identity), new Expert("1", new Activate(Activation.ReLU)),
                        new Expert("2", new OtherLayer() >> Four),
                    ],
                    [new Mixture("shared", ["0", "1"], gate), new Mixture("other", ["2"], new PassGate())]),
                Towers =
                [
                    Shared.Towers[0] with { Reads = "input", Hidden = new Dropout(0.1) },
                    Shared.Towers[1] with { Reads = "other", Hidden = new Residual(Network.Identity) },
                    Shared.Towers[2],
                ],
            },
            "expert 0 begins with nothing; an expert must begin with a dense layer",
            "expert 1 begins with an activation; an expert must begin with a dense layer",
            "expert 2 begins with OtherLayer; an expert must begin with a dense layer",
            "expert 2 has a layer of a kind that is not known: OtherLayer",
            "the gate of the mixture 'shared' begins with a layer norm; a gate on the input must begin with a dense layer",
            "the tower of task 't0' begins with a dropout; a tower on the input must begin with a dense layer");
    }

    [Fact]
    public void Residuals_without_end_are_a_fault_and_no_end_of_the_stack()
    {
        var network = Network.Identity;
        for (var i = 0; i < 200_000; i++)
        {
            network = new Residual(network);
        }

        var owner = string.Concat(Enumerable.Repeat("a residual of ", 16));
        Expect(
            Bottom(network),
            "expert 0 begins with a residual; an expert must begin with a dense layer",
            $"{owner}expert 0 has more than 16 residuals within each other");
        Expect(Bottom(Four >> Nested(16)));
        Expect(Bottom(Four >> Nested(17)), $"{owner}expert 0 has more than 16 residuals within each other");

        static Network Nested(int count) => Enumerable.Range(0, count).Aggregate(Network.Identity, (inner, _) => new Residual(inner));
    }

    [Fact]
    public void The_numbers_of_layers_are_in_range() => Expect(
        Bottom(new Dense(0, Activation.ReLU) >> new Dense(4, (Activation)99) >> new Activate((Activation)99)
            >> new Dropout(1) >> new Dropout(-0.25) >> new Dropout(double.NaN)
            >> new LayerNorm(0) >> new LayerNorm(double.PositiveInfinity)),
        "dense layer 0 of expert 0 has 0 units; it needs at least one",
        "dense layer 1 of expert 0 has no known activation",
        "an activation of expert 0 is not known",
        "a dropout of expert 0 has the rate 1; it must be from 0 to below 1",
        "a dropout of expert 0 has the rate -0.25; it must be from 0 to below 1",
        "a dropout of expert 0 has the rate NaN; it must be from 0 to below 1",
        "a layer norm of expert 0 adds 0; it must be above 0",
        "a layer norm of expert 0 adds Infinity; it must be above 0");

    [Fact]
    public void A_residual_is_as_wide_as_what_it_goes_around() => Expect(
        Bottom(Four >> new Residual(new Dense(5, Activation.ReLU) >> new Residual(new Dense(6, Activation.ReLU)))),
        "a residual of a residual of expert 0 gets 5 values and gives 6; both must be equally wide",
        "a residual of expert 0 gets 4 values and gives 5; both must be equally wide");

    [Fact]
    public void A_tower_for_an_unknown_task_is_named_and_so_is_the_task_without_a_tower() => Expect(
        Shared with { Towers = [Shared.Towers[0], Shared.Towers[1], Shared.Towers[2] with { Task = "t9" }] },
        "tower 2 is for the task 't9', the dataset has 't0', 't1', 't2'",
        "the task 't2' has no tower; there are towers for 't0', 't1', 't9'");

    [Fact]
    public void A_task_has_one_tower() => Expect(
        Shared with { Towers = [.. Shared.Towers, Shared.Towers[0]] },
        "tower 3 is for the task 't0', which has a tower already; a task has one");

    [Fact]
    public void Towers_stand_in_the_order_of_the_tasks() => Expect(
        Shared with { Towers = new(Shared.Towers.Reverse()) },
        "the towers are ordered 't2', 't1', 't0', the dataset's tasks 't0', 't1', 't2'; the order must be the same");

    [Fact]
    public void A_head_must_fit_its_task() => Expect(
        Shared with { Towers = new(Shared.Towers.Select(t => t with { Head = new MulticlassHead(4) })) },
        "the tower of task 't0' ends in a head of 4 classes, the task needs a binary head",
        "the tower of task 't1' ends in a head of 4 classes, the task needs a head of 3 classes",
        "the tower of task 't2' ends in a head of 4 classes, the task needs a regression head");

    [Fact]
    public void The_options_of_heads_are_in_range() => Expect(
        Heads(new BinaryHead(0, 1), new MulticlassHead(3, -0.5), new RegressionHead(0)),
        "the label smoothing of the tower of task 't0' is 1; it must be from 0 to below 1",
        "the positive weight of the tower of task 't0' is 0; it must be above 0",
        "the label smoothing of the tower of task 't1' is -0.5; it must be from 0 to below 1",
        "the Huber delta of the tower of task 't2' is 0; it must be above 0");

    [Fact]
    public void The_options_of_heads_are_finite() => Expect(
        Heads(new BinaryHead(double.PositiveInfinity), new MulticlassHead(3, double.NaN), new RegressionHead(double.NaN)),
        "the positive weight of the tower of task 't0' is Infinity; it must be above 0",
        "the label smoothing of the tower of task 't1' is NaN; it must be from 0 to below 1",
        "the Huber delta of the tower of task 't2' is NaN; it must be above 0");

    [Fact]
    public void A_choice_is_among_two_classes_at_least() => Assert.Equal(
        ["the tower of task 't' ends in a head of 1 classes; it needs at least two"],
        ModelCheck.Faults(
            Trunk.Identity >> [new Tower("t", Network.Identity, new MulticlassHead(1), "input")], 3, [new("t", new MulticlassHead(1))]));

    [Fact]
    public void A_weight_is_for_a_task_of_the_model_once_and_not_negative() => Expect(
        Weighted(new("t0", -1), new("t1", double.NaN), new("t9", 1), new("t2", 1), new("t2", 2)),
        "the weight of task 't0' is -1; it must be 0 or more",
        "the weight of task 't1' is NaN; it must be 0 or more",
        "there is a weight for the task 't9', the model has 't0', 't1', 't2'",
        "the task 't2' has two weights");

    [Fact]
    public void A_task_weighs_something()
    {
        Expect(Weighted(new("t0", 0), new("t1", 0), new("t2", 0)), "every task has the weight 0; there is nothing to train");
        Expect(Weighted(new("t0", 0), new("t1", 0)));
    }

    [Fact]
    public void A_model_needs_an_input_and_a_task()
    {
        Assert.Equal(["the model has 0 inputs; it needs at least one"], ModelCheck.Faults(Shared, 0, Heads(Dataset)));
        Assert.Equal(
            ["nothing reads the stream 'shared'", "the dataset has no task; there is nothing to predict"],
            ModelCheck.Faults(Shared with { Towers = [] }, 3, []));
    }

    [Fact]
    public void What_is_frozen_is_there_and_is_not_all()
    {
        Expect(Good with { Frozen = ["gates", "towers.t0.output.bias"] });
        const string Parts = "its parts are experts, gates, towers, and what begins with one of them as 'experts.0.dense.0.weight' does";
        Expect(Good with { Frozen = ["gates", "expert"] }, $"there is no part 'expert' to freeze; did you mean 'experts'? {Parts}");
        Expect(
            Good with { Frozen = ["", "gates.t7"] },
            $"there is no part '' to freeze; {Parts}",
            $"there is no part 'gates.t7' to freeze; did you mean 'gates.t0'? {Parts}");
        Expect(
            Good with { Frozen = ["experts", "gates", "towers"] },
            "every part is frozen, and there is nothing to train; leave one out of experts, gates, towers");
        Expect(Good with { Frozen = ["experts", "gates", "towers"], Weighting = new UncertaintyWeighting() });
    }

    [Fact]
    public void No_two_parameters_are_called_the_same()
    {
        Expect(
            Level(
                [new Expert("a", Four >> new Residual(Four)), new Expert("a.residual.0", Four)],
                [new Mixture("shared", ["a", "a.residual.0"], new SoftmaxGate())]),
            "two parameters are called 'experts.a.residual.0.dense.0.weight'; rename an expert or a stream");
        Expect(
            Shared with
            {
                Trunk = new Level(
                    [new Expert("0", Four)],
                    [
                        new Mixture("shared", ["0"], new SoftmaxGate { Hidden = Four }),
                        new Mixture("shared.dense.0", ["0"], new SoftmaxGate()),
                    ]),
                Towers = [Shared.Towers[0] with { Reads = "shared.dense.0" }, Shared.Towers[1], Shared.Towers[2]],
            },
            "two parameters are called 'gates.shared.dense.0.weight'; rename an expert or a stream");
    }

    [Theory]
    [InlineData(int.MaxValue, "27,917,287,424")]
    [InlineData(300_000_000, "3,900,000,005")]
    public void A_model_that_fits_no_vector_is_refused_before_anything_is_allocated(int units, string parameters)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Assert.Single(Check(Shared with
        {
            Trunk = new Level([new Expert("0", new Dense(units, Activation.ReLU))], Shared.Levels[0].Mixtures),
            Towers = new(Shared.Towers.Select(tower => tower with { Hidden = Network.Identity })),
        }));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal($"the model's parameters take {parameters} numbers; at most 2,147,483,591 fit in one vector", fault);
    }

    [Fact]
    public void A_model_fits_the_vector_up_to_its_last_element()
    {
        // One input and a dense layer of n units below a tower without layers: two rows of n columns, and n + 1 in the tower.
        ModelSpec Of(int units, int stitches) => new Level(
            [.. Enumerable.Range(0, stitches + 1).Select(e => new Expert($"{e}", new Dense(e == 0 ? units : 1, Activation.ReLU)))],
            [
                new Mixture("y", ["0"], new PassGate()),
                .. stitches == 0 ? [] : Enumerable.Repeat(
                    new Mixture("z", new(Enumerable.Range(1, stitches).Select(e => $"{e}")), Stitch(stitches)), 1),
            ]) >> [new Tower("t", Network.Identity, new BinaryHead(), "y"), .. Others(stitches)];
        Gate Stitch(int count) => new StitchGate(new(new float[count].AsSpan()));
        IEnumerable<Tower> Others(int stitches) => stitches == 0 ? [] : [new Tower("u", Network.Identity, new BinaryHead(), "z")];
        TaskHead[] tasks = [new("t", new BinaryHead()), new("u", new BinaryHead())];
        string[] Faults(int units, int stitches) => ModelCheck.Faults(Of(units, stitches), 1, tasks[..(stitches == 0 ? 1 : 2)]);

        // 2 rows of 715,827,856 and a weight for each of the columns: 2,147,483,569. With 16 columns more it is 2,147,483,617.
        Assert.Empty(Faults(715_827_856, 0));
        Assert.Single(Faults(715_827_872, 0));

        // 2 rows of 715,827,872, a weight for all columns but 64, and two more: 2,147,483,555. The 64 stitches make it 2,147,483,619.
        Assert.Equal(
            ["the model's parameters take 2,147,483,619 numbers; at most 2,147,483,591 fit in one vector"], Faults(715_827_808, 64));
    }

    [Fact]
    public void All_faults_are_reported_at_once() => Expect(
        new Level(
            [new Expert("0", new Dense(0, Activation.ReLU)), new Expert("1", Network.Identity)],
            [new Mixture("x", ["0", "1"], new PassGate())])
            >> [new Tower("x", new Dense(-1, Activation.ReLU), new BinaryHead(), "x")],
        "dense layer 0 of expert 0 has 0 units; it needs at least one",
        "expert 1 begins with nothing; an expert must begin with a dense layer",
        "expert 1 gives 7 values, expert 0 gives 0; the results of experts that are mixed must be equally wide",
        "the mixture 'x' has 2 experts and no gate to choose among them; take one expert, or a gate",
        "dense layer 0 of the tower of task 'x' has -1 units; it needs at least one",
        "tower 0 is for the task 'x', the dataset has 't0', 't1', 't2'",
        "the task 't0' has no tower; there are towers for 'x'",
        "the task 't1' has no tower; there are towers for 'x'",
        "the task 't2' has no tower; there are towers for 'x'");

    [Fact]
    public void Of_very_many_faults_and_names_some_are_reported()
    {
        const int Many = 20_000;
        var spec = Shared with
        {
            Trunk = new Level(
                new(Enumerable.Range(0, Many).Select(e => new Expert($"{e}", Four))),
                new(Enumerable.Range(0, Many).Select(m => new Mixture($"{m}", ["no"], new PassGate())))),
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var faults = Check(spec);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
        Assert.Equal(100, faults.Length);
        Assert.Equal(
            $"the mixture '99' names the expert 'no', the level has {string.Join(", ", Enumerable.Range(0, 20).Select(e => $"'{e}'"))} "
            + "and 19980 more",
            faults[^1]);
    }

    private sealed record OtherGate : Gate;

    private sealed record OtherLayer : Layer;

    private sealed record OtherHead : Head
    {
        public override int Width => 1;

        public override string ToString() => nameof(OtherHead);
    }

    private static ModelSpec Level(EquatableArray<Expert> experts, EquatableArray<Mixture> mixtures, string reads = "shared") =>
        new Level(experts, mixtures) >> ModelFamilies.Towers(Dataset.Tasks, Samples.Relu(8), reads);

    private static ModelSpec WithGate(Gate gate) =>
        Level([new Expert("0", Four), new Expert("1", Four)], [new Mixture("shared", ["0", "1"], gate)]);

    private static ModelSpec Bottom(Network network) => Level([new Expert("0", network)], [new Mixture("shared", ["0"], new PassGate())]);

    private static ModelSpec Heads(params Head[] heads) =>
        Shared with { Towers = new(Shared.Towers.Zip(heads, (t, head) => t with { Head = head })) };

    private static ModelSpec Weighted(params TaskWeight[] weights) => Shared with { Weighting = new FixedWeighting(new(weights.AsSpan())) };

    private static TaskHead[] Heads(DatasetDescriptor dataset) =>
        [.. dataset.Tasks.Select(task => new TaskHead(task.Name, Head.For(task)))];

    private static string[] TowersWithout(string streams) =>
        [.. Dataset.Tasks.Select(task => $"the tower of task '{task.Name}' reads the stream 'shared', and there are {streams}")];

    private static string[] Check(ModelSpec spec) =>
        Samples.Faults(spec.Check(Samples.Layout(Dataset), Dataset.Tasks));

    private static void Expect(ModelSpec spec, params string[] faults) => Assert.Equal(faults, Check(spec));
}
