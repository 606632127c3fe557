using Mmoe.Model;
using Mmoe.Training.Tests.Contract;
using Mmoe.Training.Torch;
using TorchSharp;

namespace Mmoe.Training.Tests.Torch;

[Collection("torch")]
[Trait("Native", "libtorch")]
public sealed class TorchOptimizerTests : OptimizerContract
{
    private const double Rate = 0.02;

    private protected override IEngine Engine(TestModel model, EngineOptions options) => model.Torch(options);

    [Theory]
    [InlineData(Precision.BFloat16, 0.02)]
    [InlineData(Precision.Float16, 0.003)]
    public void Half_precision_trains_nearly_alike_and_keeps_its_parameters_in_single_precision(Precision precision, double tolerance)
    {
        foreach (var seed in Enumerable.Range(0, 12))
        {
            var model = TestModels.Random(seed, rows: 24, hasGaps: seed % 2 == 0);
            using var single = model.LoadedEngine(new TorchOptions { Optimizer = new Sgd(0), Seed = 1 });
            using var half = model.LoadedEngine(new TorchOptions { Optimizer = new Sgd(0), Seed = 1, Precision = precision });
            var work = new EpochWork(model.InOrder(), 24);
            Train(single, work);
            Train(half, work);
            var (expected, actual) = (Moved(single, model), Moved(half, model));
            var length = Math.Sqrt(expected.Sum(g => g * g));
            var apart = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum());
            Assert.True(apart <= tolerance * length * 4, $"seed {seed}: {apart} apart of {length}");
            Assert.True(length == 0 || apart > 0, $"seed {seed}: the bits are those of single precision");

            // What evaluates has all the bits.
            using var plain = model.Engine();
            plain.Load(half.Parameters());
            Assert.Equal(plain.Logits(model.Rows), half.Logits(model.Rows));
        }
    }

    [Fact]
    public void A_gradient_that_overflows_half_precision_changes_nothing_but_the_scale()
    {
        var model = TestModels.Mmoe(14, rows: 8, head: new RegressionHead());
        using var engine = model.LoadedEngine(new TorchOptions { Precision = Precision.Float16 });
        engine.Load(OptimizerState.Initial(model.Layout.Length) with { Scale = new LossScale(Math.Pow(2, 36), 3) });

        Train(engine, new(model.InOrder(), 8));
        var state = engine.Optimizer();
        Assert.Equal(model.Parameters, engine.Parameters());
        Assert.Equal((1, 1), (state.Steps, state.Skipped));
        Assert.Equal(new LossScale(Math.Pow(2, 35), 0), state.Scale);

        for (var step = 0; step < 40; step++)
        {
            Train(engine, new(model.InOrder(), 8));
        }

        Assert.NotEqual(model.Parameters, engine.Parameters());
        Assert.InRange(engine.Optimizer().Skipped, 2, 39);
    }

    [Fact]
    public void A_gradient_that_overflows_at_any_scale_ends_the_epoch()
    {
        var model = TestModels.Mmoe(15, rows: 8, head: new RegressionHead());
        using var engine = model.LoadedEngine(new TorchOptions { Precision = Precision.Float16 });
        engine.LoadTrain(model.Rows with { Targets = [.. model.Rows.Targets.Select(_ => 1e30f)] });
        var fault = engine.TrainEpoch(
            new([.. Enumerable.Range(0, 100).Select(i => i % 8)], 1), _ => Rate, _ => { }, CancellationToken.None).AssertFault();
        Assert.Matches("^the gradient of step \\d+ overflows half precision though the loss is scaled by", fault.What);
    }

    [Fact]
    public void The_scale_doubles_after_a_thousand_good_steps_and_halves_after_a_bad_one()
    {
        var scale = LossScale.Initial;
        Assert.Equal(4_096, scale.Factor);
        for (var step = 1; step < 1_000; step++)
        {
            scale = scale.After(isFinite: true);
            Assert.Equal(new LossScale(4_096, step), scale);
        }

        Assert.Equal(new LossScale(8_192, 0), scale.After(isFinite: true));
        Assert.Equal(new LossScale(2_048, 0), scale.After(isFinite: false));
    }

    [Fact]
    public void No_optimiser_clipping_or_precision_leaves_a_tensor_alive()
    {
        var model = TestModels.Mmoe(16, rows: 40);
        TorchOptions[] all =
        [
            .. NamedOptimizers.Names.Select(name => new TorchOptions { Optimizer = NamedOptimizers.Of(name), Clipping = new GlobalNormClipping(1) }),
            new() { Clipping = new TensorNormClipping(1), Precision = Precision.BFloat16 },
            new() { Precision = Precision.Float16 },
        ];
        foreach (var options in all)
        {
            var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            using (var engine = model.LoadedEngine(options))
            {
                Train(engine, new(model.InOrder(), 4, 3));
                var afterOne = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
                Train(engine, new(model.InOrder(), 4, 3));
                Assert.Equal(afterOne, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            }

            Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }
    }

    private static TrainedSteps Train(TorchEngine engine, EpochWork work) =>
        engine.TrainEpoch(work, _ => Rate, _ => { }, CancellationToken.None).AssertSuccess();

    private static double[] Moved(TorchEngine engine, TestModel model) =>
        [.. engine.Parameters().Zip(model.Parameters, (after, before) => (double)after - before)];
}
