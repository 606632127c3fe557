using Mmoe.Model;

namespace Mmoe.Training.Tests.Contract;

/// <summary>What becomes of gradients, against the formulas in double precision, one element after the other.</summary>
public abstract class OptimizerContract
{
    private const int Steps = 6;
    private const double Rate = 0.02;

    public static TheoryData<string> Optimizers => [.. NamedOptimizers.Names];

    /// <summary>The engine under test, started from the model's parameters.</summary>
    private protected abstract IEngine Engine(TestModel model, EngineOptions options);

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Steps_are_those_of_the_formula(string name)
    {
        var optimizer = NamedOptimizers.Of(name);
        var model = TestModels.Mmoe(5, rows: 16);
        using var engine = this.Loaded(model, new EngineOptions { Optimizer = optimizer });
        var theta = Array.ConvertAll(model.Parameters, value => (double)value);
        var naive = new NaiveOptimizer(optimizer, theta);
        for (var step = 1; step <= Steps; step++)
        {
            var gradient = engine.Gradient(model.Rows).Gradient;
            Train(engine, new(model.InOrder(), 16));
            naive.Step(Array.ConvertAll(gradient, g => (double)g), Rate);
            AssertClose(theta, engine.Parameters());
        }
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_state_that_was_saved_goes_on_with_the_same_bits(string name)
    {
        var options = new EngineOptions { Optimizer = NamedOptimizers.Of(name) };
        var model = TestModels.Mmoe(6, rows: 16);
        using var whole = this.Loaded(model, options);
        using var first = this.Loaded(model, options);
        using var second = this.Loaded(model, options);
        var work = new EpochWork(model.InOrder(), 4);
        Train(whole, work);
        Train(whole, work);
        Train(first, work);
        second.Load(first.Parameters());
        second.Load(first.Optimizer());
        Train(second, work);
        Assert.Equal(whole.Parameters(), second.Parameters());
        Assert.Equal(whole.Optimizer().FirstMoment, second.Optimizer().FirstMoment);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void What_is_frozen_is_not_even_drawn_to_0(string name)
    {
        var model = TestModels.Mmoe(7, rows: 16).With(spec => spec.Freeze("gates", "experts.1"));
        using var engine = this.Loaded(model, new EngineOptions { Optimizer = NamedOptimizers.Of(name) });
        Train(engine, new(model.InOrder(), 4));
        model.AssertFrozenAlone(engine.Parameters());
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(0.05)]
    [InlineData(1e3)]
    public void A_gradient_is_shortened_as_one_vector_or_tensor_by_tensor(double norm)
    {
        // Without momentum a step is the rate times the gradient as it was clipped.
        var model = TestModels.Mmoe(8, rows: 16);
        using var plain = this.Engine(model);
        var gradient = Array.ConvertAll(plain.Gradient(model.Rows).Gradient, g => (double)g);
        double[] Stepped(Clipping clipping)
        {
            using var engine = this.Loaded(model, new EngineOptions { Optimizer = new Sgd(Momentum: 0), Clipping = clipping });
            Train(engine, new(model.InOrder(), 16));
            return [.. engine.Parameters().Zip(model.Parameters, (after, before) => (before - after) / Rate)];
        }

        var length = Math.Sqrt(gradient.Sum(g => g * g));
        AssertNear(Array.ConvertAll(gradient, g => g * Math.Min(1, norm / length)), Stepped(new GlobalNormClipping(norm)));

        var expected = new double[gradient.Length];
        foreach (var entry in model.Layout.Entries)
        {
            var own = new float[entry.Count];
            entry.CopyFrom(Array.ConvertAll(gradient, g => (float)g), own);
            var ofTensor = Math.Sqrt(own.Sum(g => (double)g * g));
            var mask = new float[gradient.Length];
            entry.CopyTo(Enumerable.Repeat(1f, entry.Count).ToArray(), mask);
            for (var i = 0; i < mask.Length; i++)
            {
                expected[i] += mask[i] * gradient[i] * Math.Min(1, norm / Math.Max(ofTensor, double.Epsilon));
            }
        }

        AssertNear(expected, Stepped(new TensorNormClipping(norm)));
    }

    /// <summary>The squares of such a gradient are no floats.</summary>
    [Theory]
    [InlineData("global")]
    [InlineData("tensor")]
    public void A_gradient_of_any_length_is_shortened(string clipping)
    {
        const double Norm = 0.5;
        var model = TestModels.Mmoe(8, rows: 16, new RegressionHead());
        var targets = Array.ConvertAll(model.Rows.Targets, _ => 3e17f);
        model = model with { Rows = model.Rows with { Targets = targets, Numerics = Array.ConvertAll(model.Rows.Numerics, x => x * 1e6f) } };
        using var engine = this.Loaded(model, new EngineOptions
        {
            Optimizer = new Sgd(Momentum: 0),
            Clipping = clipping == "global" ? new GlobalNormClipping(Norm) : new TensorNormClipping(Norm),
        });
        var gradient = engine.Gradient(model.Rows).Gradient;
        Assert.True(gradient.Max(MathF.Abs) is > 1e20f and < float.PositiveInfinity);

        Train(engine, new(model.InOrder(), 16));

        var moved = engine.Parameters().Zip(model.Parameters, (after, before) => (float)((before - after) / Rate)).ToArray();
        if (clipping == "global")
        {
            Assert.Equal(Norm, Length(moved), 1e-4);
            return;
        }

        foreach (var entry in model.Layout.Entries)
        {
            var (own, by) = (new float[entry.Count], new float[entry.Count]);
            entry.CopyFrom(gradient, own);
            entry.CopyFrom(moved, by);
            Assert.Equal(Math.Min(Norm, Length(own)), Length(by), 1e-4);
        }

        static double Length(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));
    }

    [Fact]
    public void A_step_of_several_batches_is_by_the_mean_of_their_gradients()
    {
        // Two batches of four, and one of two that is left: the second step has a batch alone.
        var model = TestModels.Mmoe(9, rows: 10);
        using var engine = this.Loaded(model, new EngineOptions { Optimizer = new Sgd(Momentum: 0) });
        using var plain = this.Engine(model);
        float[] Gradient(int from, int count) => plain.Gradient(Picked(model, [.. Enumerable.Range(from, count)])).Gradient;
        var theta = Array.ConvertAll(model.Parameters, value => (double)value);
        var (one, two) = (Gradient(0, 4), Gradient(4, 4));
        theta = [.. theta.Select((value, i) => value - (Rate * (one[i] + two[i]) / 2))];
        plain.Load([.. theta.Select(value => (float)value)]);
        var three = Gradient(8, 2);
        theta = [.. theta.Select((value, i) => value - (Rate * three[i]))];

        var done = Train(engine, new(model.InOrder(), 4, Accumulate: 2));

        Assert.Equal(2, done.Steps);
        Assert.Equal(2, engine.Optimizer().Steps);
        AssertClose(theta, engine.Parameters());
    }

    [Fact]
    public void The_batches_of_a_step_drop_each_their_own()
    {
        // The same rows twice: with the same masks the mean would be the gradient of once.
        var model = TestModels.Mmoe(17, rows: 8, last: new Dropout(0.5));
        using var once = this.Loaded(model);
        using var twice = this.Loaded(model);
        Train(once, new(model.InOrder(), 8));
        Train(twice, new([.. model.InOrder(), .. model.InOrder()], 8, Accumulate: 2));
        Assert.Equal(1, twice.Optimizer().Steps);
        Assert.NotEqual(once.Parameters(), twice.Parameters());
    }

    [Fact]
    public void Batches_of_one_step_are_as_one_batch_where_all_are_equally_long()
    {
        var model = TestModels.Mmoe(10, rows: 32);
        using var whole = this.Loaded(model);
        using var parts = this.Loaded(model);
        var expected = Train(whole, new(model.InOrder(), 16));
        var done = Train(parts, new(model.InOrder(), 4, Accumulate: 4));
        Assert.Equal((expected.Steps, 2), (done.Steps, done.Steps));
        Assert.Equal(expected.LossSum, done.LossSum, 1e-4);
        AssertClose(Array.ConvertAll(whole.Parameters(), value => (double)value), parts.Parameters());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_epoch_goes_on_from_any_step_with_the_same_bits(int accumulate)
    {
        // With dropout and PCGrad, whose random numbers are those of the step.
        var model = TestModels.Mmoe(11, rows: 47, last: new Dropout(0.4)).With(spec => spec with { Weighting = new PcGradWeighting() });
        using var whole = this.Loaded(model);
        var work = new EpochWork(model.InOrder(), 5, accumulate);
        var expected = Train(whole, work);
        for (var stop = 1; stop < work.Steps; stop++)
        {
            using var first = this.Loaded(model);
            using var cancellation = new CancellationTokenSource();
            var begun = first.TrainEpoch(
                work,
                step =>
                {
                    if (step == stop - 1)
                    {
                        cancellation.Cancel();
                    }

                    return Rate;
                },
                _ => { },
                cancellation.Token).AssertSuccess();
            Assert.Equal(stop, begun.Steps);
            using var second = this.Loaded(model);
            second.Load(first.Parameters());
            second.Load(first.Optimizer());
            Assert.Equal(expected, Train(second, work with { Done = begun }));
            Assert.Equal(whole.Parameters(), second.Parameters());
        }
    }

    [Fact]
    public void An_epoch_whose_steps_are_all_done_has_none_left()
    {
        var model = TestModels.Mmoe(12, rows: 10);
        using var engine = this.Loaded(model);
        var done = new TrainedSteps(2, 7, 0);
        Assert.Equal(done, Train(engine, new EpochWork(model.InOrder(), 5) { Done = done }));
        Assert.Equal(model.Parameters, engine.Parameters());
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_named_with_its_step_and_rows()
    {
        // Weights of 0 keep the logit, and so the loss, finite; their own gradient is 1e19 times 1e21.
        var model = TestModels.Mmoe(13, rows: 12, head: new RegressionHead());
        var (numerics, targets) = (model.Rows.Numerics.ToArray(), model.Rows.Targets.ToArray());
        numerics.AsSpan(2 * model.Inputs.NumericWidth, model.Inputs.NumericWidth).Fill(1e21f);
        targets.AsSpan(4, 2).Fill(1e19f);
        var parameters = model.Parameters.ToArray();
        foreach (var task in new[] { "t0", "t1" })
        {
            var output = model.Layout[ParameterNames.Weight(ParameterNames.Output(task))];
            output.CopyTo(new float[output.Count], parameters);
        }

        using var engine = this.Engine(model);
        engine.LoadTrain(model.Rows with { Numerics = numerics, Targets = targets });
        engine.Load(parameters);
        var fault = engine.TrainEpoch(new(model.InOrder(), 4), _ => Rate, _ => { }, CancellationToken.None).AssertFault();
        Assert.Matches("^the gradient's sum of step 1 \\(batch 1 of the epoch, rows 0, 1, 2, 3 of the train split, from 0\\) is ", fault.What);
    }

    private IEngine Engine(TestModel model) => this.Engine(model, new EngineOptions());

    /// <summary>An engine that has the rows to train on.</summary>
    private IEngine Loaded(TestModel model, EngineOptions? options = null)
    {
        var engine = this.Engine(model, options ?? new EngineOptions());
        engine.LoadTrain(model.Rows);
        return engine;
    }

    private static TrainedSteps Train(IEngine engine, EpochWork work) =>
        engine.TrainEpoch(work, _ => Rate, _ => { }, CancellationToken.None).AssertSuccess();

    private static ModelInputs Picked(TestModel model, int[] rows)
    {
        T[] Of<T>(T[] values) => [.. rows.SelectMany(row => values.AsSpan(row * (values.Length / model.Rows.Rows), values.Length / model.Rows.Rows).ToArray())];
        var all = model.Rows;
        return new(rows.Length, Of(all.Indices), Of(all.Numerics), Of(all.Targets), Of(all.Weights));
    }

    private static void AssertClose(double[] expected, float[] actual) => AssertNear(expected, Array.ConvertAll(actual, value => (double)value), 2e-6);

    private static void AssertNear(double[] expected, double[] actual, double tolerance = 5e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"element {i}: {expected[i]} and {actual[i]}");
        }
    }
}
