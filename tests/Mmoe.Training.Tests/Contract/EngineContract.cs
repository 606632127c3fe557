using Mmoe.Data;
using Mmoe.Model;
using static Mmoe.Training.Tests.Contract.Checks;

namespace Mmoe.Training.Tests.Contract;

/// <summary>What <see cref="IEngine"/> promises, whoever computes.</summary>
public abstract class EngineContract
{
    // What is random in a step differs from one to the next: the first alone would show it no more than no step at all.
    private const long StepsBefore = 5;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    /// <summary>The engine under test, started from the model's parameters.</summary>
    private protected abstract IEngine Engine(TestModel model, EngineOptions options);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Logits_are_those_of_the_managed_forward_pass(int seed)
    {
        var model = TestModels.Random(seed);
        using var engine = this.Engine(model);

        AssertClose(new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows), engine.Logits(model.Rows), 1e-4);
    }

    [Fact]
    public void Logits_of_more_rows_than_one_pass_takes_are_those_of_the_managed_forward_pass()
    {
        var model = TestModels.Mmoe(1, rows: 20_001);
        using var engine = this.Engine(model);

        AssertClose(new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows), engine.Logits(model.Rows), 1e-4);
    }

    [Fact]
    public void Logits_of_no_rows_are_empty()
    {
        using var engine = this.Engine(TestModels.Mmoe(1, rows: 1));

        Assert.Empty(engine.Logits(new ModelInputs(0, [], [], [], [])));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Loss_and_gradient_are_those_of_the_double_precision_reference(int seed) =>
        this.AssertGradient(WithoutPcGrad(TestModels.Random(seed, rows: 6)));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Missing_labels_count_for_other_tasks_only_and_weights_weigh(int seed) =>
        this.AssertGradient(WithoutPcGrad(TestModels.Random(seed, rows: 6, hasGaps: true)));

    /// <summary>Equal experts and towers are one batch; what is dropped of one must not be dropped of all.</summary>
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void Each_of_equal_parts_drops_what_its_name_says(double rate) =>
        this.AssertGradient(TestModels.Mmoe(3, rows: 6, last: Network.Identity >> new Dropout(rate)));

    /// <summary>Numbers so small that ε is what a layer norm mostly divides by.</summary>
    [Theory]
    [InlineData(1e-5)]
    [InlineData(1e-3)]
    public void A_layer_norm_adds_its_own_epsilon(double epsilon)
    {
        var model = TestModels.Mmoe(3, rows: 6, last: Network.Identity >> new LayerNorm(epsilon));
        var parameters = model.Parameters.ToArray();
        foreach (var entry in model.Layout.Entries.Where(entry => !entry.Name.Contains(".norm.", StringComparison.Ordinal)))
        {
            var own = new float[entry.Count];
            entry.CopyFrom(parameters, own);
            entry.CopyTo(Array.ConvertAll(own, value => value / 256), parameters);
        }

        this.AssertGradient(model with { Parameters = parameters });
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void PCGrad_mixes_the_gradients_of_the_tasks(int seed)
    {
        // Its gradient is that of no loss; but those of the single tasks are, which are tested above.
        var model = TestModels.Random(seed, rows: 6, hasGaps: seed % 2 == 0);
        float[] GradientOf(TaskWeighting weighting)
        {
            using var engine = this.Engine(model.With(spec => spec with { Weighting = weighting }), new EngineOptions(Seed: 3));
            engine.Load(OptimizerState.Initial(model.Layout.Length) with { Steps = StepsBefore });
            return engine.Gradient(model.Rows).Gradient;
        }

        var names = model.Spec.Towers.Select(tower => tower.Task).ToArray();
        if (model.Spec.Weighting is UncertaintyWeighting)
        {
            return; // its own parameters would be no part of the models below
        }

        var gradients = names
            .Select(task => GradientOf(new FixedWeighting([.. names.Select(name => new TaskWeight(name, name == task ? 1 : 0))])))
            .ToArray();
        double[] products = [.. gradients.SelectMany(g => gradients.Select(h => g.Zip(h, (a, b) => (double)a * b).Sum()))];
        var coefficients = PcGrad.Coefficients(products, PcGrad.Order(names.Length, 3, StepsBefore));
        var expected = Enumerable.Range(0, gradients[0].Length).Select(i => (float)gradients.Select((g, t) => coefficients[t] * g[i]).Sum());

        AssertClose([.. expected], GradientOf(new PcGradWeighting()), 1e-4);
    }

    [Fact]
    public void Frozen_parts_do_not_move_whatever_the_moments_say()
    {
        var model = TestModels.Mmoe(5, rows: 16);
        var frozen = model.With(spec => spec.Freeze("experts.1", "gates", "towers.t0.output.bias"));
        using var engine = this.Loaded(frozen);
        engine.Load(new OptimizerState(3, [.. model.Parameters], [.. model.Parameters.Select(Math.Abs)]));

        Train(engine, model.InOrder(), 4);

        frozen.AssertFrozenAlone(engine.Parameters());
    }

    [Fact]
    public void Dropout_depends_on_the_seed_and_the_step_and_is_off_in_use()
    {
        var model = TestModels.Mmoe(5, rows: 40).With(spec => spec with
        {
            Towers = [.. spec.Towers.Select(tower => tower with { Hidden = tower.Hidden >> new Dropout(0.5) })],
        });
        using var one = this.Loaded(model, new EngineOptions(Seed: 1));
        using var same = this.Loaded(model, new EngineOptions(Seed: 1));
        using var other = this.Loaded(model, new EngineOptions(Seed: 2));

        Assert.Equal(one.Gradient(model.Rows).Gradient, same.Gradient(model.Rows).Gradient);
        Assert.NotEqual(one.Gradient(model.Rows).Gradient, other.Gradient(model.Rows).Gradient);
        Assert.Equal(one.Logits(model.Rows), other.Logits(model.Rows));
        var before = one.Gradient(model.Rows).Gradient;
        Train(one, model.InOrder(), 40, _ => 1e-30);
        Assert.NotEqual(before, one.Gradient(model.Rows).Gradient);
    }

    [Fact]
    public void A_task_without_any_label_in_the_batch_has_no_loss_and_no_gradient()
    {
        var model = TestModels.Mmoe(3, rows: 6);
        var rows = model.Rows with { Targets = [.. model.Rows.Targets.Select((target, i) => i % 2 == 1 ? float.NaN : target)] };
        using var engine = this.Engine(model);

        var (loss, gradient) = engine.Gradient(rows);

        Assert.Equal(Loss.Of(model.Spec, 6, engine.Logits(rows), rows.Targets, rows.Weights).Tasks[0], loss, 1e-6);
        var output = new float[model.Layout[ParameterNames.Weight(ParameterNames.Output("t1"))].Count];
        model.Layout[ParameterNames.Weight(ParameterNames.Output("t1"))].CopyFrom(gradient, output);
        Assert.All(output, value => Assert.Equal(0f, value));
        Assert.Contains(gradient, value => value != 0);
    }

    [Fact]
    public void Rows_of_weight_0_are_as_if_they_were_not_there()
    {
        var model = TestModels.Mmoe(4, rows: 8);
        var weights = Enumerable.Range(0, 8).Select(i => i < 5 ? 2f : 0f).ToArray();
        using var engine = this.Engine(model);

        var all = engine.Gradient(model.Rows with { Weights = weights });
        var some = engine.Gradient(Picked(model.Rows, model, model.InOrder()[..5]));

        Assert.Equal(some.Loss, all.Loss, 1e-6);
        AssertClose(some.Gradient, all.Gradient, 1e-6);
    }

    [Fact]
    public void A_batch_without_any_weight_changes_no_parameter()
    {
        var model = TestModels.Mmoe(4, rows: 8);
        using var engine = this.Engine(model);
        engine.LoadTrain(model.Rows with { Weights = new float[8] });

        Assert.Equal(0, Train(engine, model.InOrder(), 8));
        Assert.Equal(model.Parameters, engine.Parameters());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_step_moves_every_parameter_that_is_not_frozen_by_its_gradient(int seed)
    {
        // From moments of 0 the first step is rate · g / (|g| + ε); the gradients themselves are tested above. Rows are picked out of order,
        // so that inputs, labels and weights have to be gathered alike.
        int[] order = [7, 2, 11, 0, 5, 3, 9];
        const double Rate = 0.5;
        const double Epsilon = 0.1;
        var model = TestModels.Random(seed, hasGaps: seed % 2 == 0);
        using var engine = this.Loaded(model, new EngineOptions { Optimizer = new Adam(Epsilon: Epsilon) });
        var gradient = engine.Gradient(Picked(model.Rows, model, order)).Gradient;

        Train(engine, order, order.Length, _ => Rate);

        AssertClose(
            [.. model.Parameters.Zip(gradient, (value, g) => (float)(value - (Rate * g / (Math.Abs((double)g) + Epsilon))))],
            engine.Parameters(),
            1e-4);
    }

    [Fact]
    public void Steps_are_those_of_Adam_as_published()
    {
        var model = TestModels.Mmoe(5, rows: 16);
        var options = new Adam(0.8, 0.95, 1e-3);
        using var engine = this.Loaded(model, new EngineOptions { Optimizer = options });
        var theta = Array.ConvertAll(model.Parameters, value => (double)value);
        var (m, v) = (new double[theta.Length], new double[theta.Length]);
        for (var step = 1; step <= 25; step++)
        {
            var gradient = engine.Gradient(model.Rows).Gradient;
            var rate = 0.01 / step;
            Train(engine, model.InOrder(), 16, done => done == step - 1 ? rate : double.NaN);
            for (var i = 0; i < theta.Length; i++)
            {
                m[i] = (options.Beta1 * m[i]) + ((1 - options.Beta1) * gradient[i]);
                v[i] = (options.Beta2 * v[i]) + ((1 - options.Beta2) * gradient[i] * gradient[i]);
                var first = m[i] / (1 - Math.Pow(options.Beta1, step));
                var second = v[i] / (1 - Math.Pow(options.Beta2, step));
                theta[i] -= rate * first / (Math.Sqrt(second) + options.Epsilon);
            }

            AssertClose(Array.ConvertAll(theta, value => (float)value), engine.Parameters(), 2e-6);
        }

        var state = engine.Optimizer();
        Assert.Equal(25, state.Steps);
        AssertClose(Array.ConvertAll(m, value => (float)value), state.FirstMoment, 1e-6);
        AssertClose(Array.ConvertAll(v, value => (float)value), state.SecondMoment, 1e-6);
    }

    [Fact]
    public void The_last_partial_batch_is_trained_on_and_the_mean_loss_is_over_rows()
    {
        var model = TestModels.Mmoe(6, rows: 10);
        int[] order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
        using var whole = this.Loaded(model);
        using var parts = this.Loaded(model);

        var mean = Train(whole, order, 4);
        var losses = new[] { Train(parts, order[..4], 4), Train(parts, order[4..8], 4), Train(parts, order[8..], 4) };

        Assert.Equal(((4 * losses[0]) + (4 * losses[1]) + (2 * losses[2])) / 10, mean, 1e-6);
        Assert.Equal(3, whole.Optimizer().Steps);
        Assert.Equal(parts.Parameters(), whole.Parameters());
    }

    [Fact]
    public void The_mean_loss_with_weights_is_over_rows_too()
    {
        var model = TestModels.Mmoe(6, rows: 10);
        using var engine = this.Engine(model);
        engine.LoadTrain(model.Rows with { Weights = [.. Enumerable.Repeat(3f, 10)] });
        using var plain = this.Loaded(model);

        Assert.Equal(Train(plain, plain: model, 4), Train(engine, plain: model, 4), 1e-5);
    }

    [Fact]
    public void An_epoch_longer_than_one_gathering_is_the_same_as_its_parts()
    {
        var model = TestModels.Mmoe(7, rows: 70_000);
        var order = model.InOrder();
        new Random(1).Shuffle(order);
        using var whole = this.Loaded(model);
        using var parts = this.Loaded(model);

        Train(whole, order, 1000);
        Train(parts, order[..23_000], 1000);
        Train(parts, order[23_000..], 1000);

        Assert.Equal(parts.Parameters(), whole.Parameters());
    }

    [Theory]
    [InlineData("binary")]
    [InlineData("multi-class")]
    [InlineData("regression")]
    public void A_tiny_batch_is_learnt_by_heart(string kind)
    {
        Head head = kind switch { "binary" => new BinaryHead(), "multi-class" => new MulticlassHead(4), _ => new RegressionHead() };
        var model = TestModels.Mmoe(8, rows: 8, head);
        using var engine = this.Loaded(model);
        for (var epoch = 0; epoch < 1500; epoch++)
        {
            Train(engine, model.InOrder(), 8, _ => 0.01);
        }

        Assert.InRange(engine.Gradient(model.Rows).Loss, 0, 0.01);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_order_and_threads_give_the_same_bits(int threads)
    {
        var model = TestModels.Mmoe(9, rows: 300);
        var runs = Enumerable.Range(0, 2).Select(_ =>
        {
            using var engine = this.Loaded(model, new EngineOptions(Threads: threads));
            Train(engine, model.InOrder(), 32);
            Train(engine, model.InOrder(), 32);
            return (engine.Parameters(), engine.Optimizer());
        }).ToArray();

        Assert.Equal(runs[0].Item1, runs[1].Item1);
        Assert.Equal(runs[0].Item2.FirstMoment, runs[1].Item2.FirstMoment);
        Assert.Equal(runs[0].Item2.SecondMoment, runs[1].Item2.SecondMoment);
    }

    [Fact]
    public void Another_order_gives_other_bits()
    {
        var model = TestModels.Mmoe(9, rows: 300);
        using var one = this.Loaded(model);
        using var other = this.Loaded(model);

        Train(one, model.InOrder(), 32);
        Train(other, [.. model.InOrder().Reverse()], 32);

        Assert.NotEqual(one.Parameters(), other.Parameters());
    }

    [Fact]
    public void A_new_engine_that_takes_over_ends_with_the_same_bits()
    {
        var model = TestModels.Mmoe(10, rows: 100);
        using var uninterrupted = this.Loaded(model);
        using var first = this.Loaded(model);
        using var second = this.Engine(TestModels.Mmoe(11, rows: 1));

        Train(uninterrupted, model.InOrder(), 32);
        Train(uninterrupted, model.InOrder(), 32);
        Train(first, model.InOrder(), 32);
        second.Load(first.Parameters());
        second.Load(first.Optimizer());
        second.LoadTrain(model.Rows);
        Train(second, model.InOrder(), 32);

        Assert.Equal(uninterrupted.Parameters(), second.Parameters());
        Assert.Equal(uninterrupted.Optimizer().SecondMoment, second.Optimizer().SecondMoment);
        Assert.Equal(8, second.Optimizer().Steps);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Columns_that_no_part_uses_stay_0(int seed)
    {
        var model = TestModels.Random(seed);
        var used = new HashSet<int>(model.Layout.Entries.SelectMany(entry => Enumerable.Range(0, entry.Count).Select(i =>
            entry.Offset + (entry.Shape.Count == 1 ? i : (i / entry.Shape[1] * entry.Strides[0]) + (i % entry.Shape[1])))));
        using var engine = this.Loaded(model);

        Train(engine, model.InOrder(), 4);

        Assert.All(engine.Parameters().Where((_, i) => !used.Contains(i)), value => Assert.Equal(0f, value));
        Assert.All(engine.Optimizer().SecondMoment.Where((_, i) => !used.Contains(i)), value => Assert.Equal(0f, value));
        Assert.NotEqual(model.Parameters, engine.Parameters());
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_epoch_and_names_step_and_batch()
    {
        var model = TestModels.Mmoe(13, rows: 700);
        var numerics = model.Rows.Numerics.ToArray();
        numerics[(model.Inputs.NumericWidth * 661) + 1] = float.PositiveInfinity;
        using var engine = this.Engine(model);
        engine.LoadTrain(model.Rows with { Numerics = numerics });
        Train(engine, model.InOrder()[..30], 10);
        var steps = new List<int>();

        var fault = engine.TrainEpoch(new(model.InOrder(), 10), _ => 0.001, steps.Add, CancellationToken.None).AssertFault();

        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Equal(
            "the loss of step 70 (batch 67 of the epoch, rows 660, 661, 662, 663, 664, 665, 666, 667, 668, 669 of the train split, from 0) is NaN",
            fault.What);
        Assert.Equal("lower the learning rate, clip gradients, or look for extreme values in those rows", fault.Hint);
        Assert.Equal([64], steps);
    }

    [Fact]
    public void A_fault_leaves_nothing_behind_once_good_parameters_are_loaded()
    {
        var model = TestModels.Mmoe(13, rows: 60);
        var numerics = model.Rows.Numerics.ToArray();
        numerics[^1] = float.PositiveInfinity;
        using var engine = this.Engine(model);
        engine.LoadTrain(model.Rows with { Numerics = numerics });
        engine.TrainEpoch(new([.. model.InOrder().Reverse()], 10), _ => 0.001, _ => { }, CancellationToken.None).AssertFault();

        engine.Load(model.Parameters);
        engine.Load(OptimizerState.Initial(model.Layout.Length));
        var again = engine.TrainEpoch(new(model.InOrder()[..40], 10, Accumulate: 3), _ => 0.001, _ => { }, CancellationToken.None).AssertSuccess();

        using var other = this.Loaded(model);
        Assert.Equal(2, again.Steps);
        Assert.Equal(
            other.TrainEpoch(new(model.InOrder()[..40], 10, Accumulate: 3), _ => 0.001, _ => { }, CancellationToken.None).AssertSuccess().LossSum,
            again.LossSum);
        Assert.Equal(other.Parameters(), engine.Parameters());
    }

    /// <summary>However little a logit is below the greatest, it is a hundred times more once it is divided.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void The_least_temperature_chooses_the_greatest_logit_alone(int? topK)
    {
        var least = TestModels.Mmoe(21, rows: 40).With(spec => WithGates(spec, new SoftmaxGate(Temperature: 2.95e-39, TopK: topK)));
        var top = least.With(spec => WithGates(spec, new SoftmaxGate(TopK: 1)));
        using var engine = this.Engine(least);
        using var expected = this.Engine(top);

        AssertClose(expected.Logits(top.Rows), engine.Logits(least.Rows), 1e-6);
        AssertClose(
            new ManagedForward(top.Spec, top.Inputs).Logits(top.Parameters, top.Rows),
            new ManagedForward(least.Spec, least.Inputs).Logits(least.Parameters, least.Rows),
            1e-6);
        var (loss, gradient) = expected.Gradient(top.Rows);
        var found = engine.Gradient(least.Rows);
        Assert.Equal(loss, found.Loss, 1e-5);
        AssertClose(gradient, found.Gradient, 1e-5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void The_highest_temperature_makes_even_weights_of_all_or_of_the_top(int? topK)
    {
        var model = TestModels.Mmoe(21, rows: 40)
            .With(spec => WithGates(spec, new SoftmaxGate(Temperature: double.MaxValue, TopK: topK)));
        using var engine = this.Engine(model);

        var logits = engine.Logits(model.Rows);
        Assert.DoesNotContain(float.NaN, logits);
        AssertClose(new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows), logits, 1e-5);
        Assert.DoesNotContain(float.NaN, engine.Gradient(model.Rows).Gradient);
    }

    [Fact]
    public void A_gradient_is_of_some_rows()
    {
        using var engine = this.Engine(TestModels.Mmoe(16, rows: 1));

        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Gradient(new ModelInputs(0, [], [], [], [])));
    }

    [Fact]
    public void Progress_ends_with_all_steps()
    {
        var model = TestModels.Mmoe(14, rows: 135);
        using var engine = this.Loaded(model);
        var steps = new List<int>();

        engine.TrainEpoch(new(model.InOrder(), 1), _ => 0.001, steps.Add, CancellationToken.None).AssertSuccess();

        Assert.Equal([64, 128, 135], steps);
    }

    [Fact]
    public void An_epoch_without_rows_has_no_steps()
    {
        var model = TestModels.Mmoe(14, rows: 20);
        using var engine = this.Loaded(model);

        var trained = engine.TrainEpoch(new([], 8), _ => 0.001, _ => { }, CancellationToken.None).AssertSuccess();

        Assert.Equal((0, 0.0), (trained.Steps, trained.LossSum));
        Assert.Equal(model.Parameters, engine.Parameters());
    }

    [Fact]
    public void Cancellation_ends_the_epoch_after_a_whole_step()
    {
        var model = TestModels.Mmoe(15, rows: 100);
        using var engine = this.Loaded(model);
        using var expected = this.Loaded(model);
        using var source = new CancellationTokenSource();
        var told = new List<int>();

        var trained = engine.TrainEpoch(
            new(model.InOrder(), 10),
            done =>
            {
                if (done == 2)
                {
                    source.Cancel();
                }

                return 0.001;
            },
            told.Add,
            source.Token).AssertSuccess();
        var loss = Train(expected, model.InOrder()[..30], 10);

        Assert.Equal(3, trained.Steps);
        Assert.Equal([3], told);
        Assert.Equal(loss, trained.LossSum / 30);
        Assert.Equal(3, engine.Optimizer().Steps);
        Assert.Equal(expected.Parameters(), engine.Parameters());
    }

    [Fact]
    public void Cancellation_ends_evaluation()
    {
        var model = TestModels.Mmoe(15, rows: 10);
        using var engine = this.Engine(model);

        Assert.Throws<OperationCanceledException>(() => engine.Logits(model.Rows, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Parameters_of_another_length_are_refused()
    {
        using var engine = this.Engine(TestModels.Mmoe(16, rows: 1));

        Assert.Throws<ArgumentException>(() => engine.Load(new float[3]));
        Assert.Throws<ArgumentException>(() => engine.Load(OptimizerState.Initial(3)));
    }

    private static ModelSpec WithGates(ModelSpec spec, SoftmaxGate gate) => spec with
    {
        Trunk = new Trunk([.. spec.Levels.Select(level => level with { Mixtures = [.. level.Mixtures.Select(m => m with { Gate = gate })] })]),
    };

    private IEngine Engine(TestModel model) => this.Engine(model, new EngineOptions());

    /// <summary>An engine that has the rows to train on.</summary>
    private IEngine Loaded(TestModel model, EngineOptions? options = null)
    {
        var engine = this.Engine(model, options ?? new EngineOptions());
        engine.LoadTrain(model.Rows);
        return engine;
    }

    private void AssertGradient(TestModel model)
    {
        using var engine = this.Engine(model, new EngineOptions(Seed: 3));
        engine.Load(OptimizerState.Initial(model.Layout.Length) with { Steps = StepsBefore });
        var (loss, gradient) = engine.Gradient(model.Rows);
        Checks.AssertGradient(model, 3, StepsBefore, loss, gradient);
    }
}
