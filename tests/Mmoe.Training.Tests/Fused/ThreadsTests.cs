using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

/// <summary>The number of threads changes no bit.</summary>
public sealed class ThreadsTests
{
    private static readonly int[] Counts = [1, 2, 3, 5];

    [Theory]
    [InlineData(256, 1_024, 1)]
    [InlineData(256, 4_096, 1)]
    [InlineData(256, 700, 2)]
    [InlineData(256, 100, 1)]
    [InlineData(4, 1_024, 1)]
    [InlineData(4, 200, 3)]
    public void Parameters_and_moments_after_some_steps_have_the_same_bits(int units, int batchSize, int accumulate)
    {
        var model = Model(units, rows: 4_500);
        var ends = Counts.Select(threads =>
        {
            using var engine = model.Fused(new EngineOptions(threads, Seed: 3) { Clipping = units > 4 ? new GlobalNormClipping(1) : Clipping.None });
            engine.LoadTrain(model.Rows);
            var trained = engine.TrainEpoch(new(model.InOrder(), batchSize, accumulate), _ => 0.01, _ => { }, CancellationToken.None).AssertSuccess();
            var state = engine.Optimizer();
            return (trained.LossSum, Parameters: engine.Parameters(), state.FirstMoment, state.SecondMoment);
        }).ToArray();

        Assert.NotEqual(model.Parameters, ends[0].Parameters);
        foreach (var end in ends)
        {
            Assert.Equal(ends[0].LossSum, end.LossSum);
            Assert.Equal(ends[0].Parameters, end.Parameters);
            Assert.Equal(ends[0].FirstMoment, end.FirstMoment);
            Assert.Equal(ends[0].SecondMoment, end.SecondMoment);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(4_500)]
    public void Logits_have_the_same_bits(int rows)
    {
        var model = Model(256, rows);
        var all = Counts.Select(threads =>
        {
            using var engine = model.Fused(new EngineOptions(threads));
            return engine.Logits(model.Rows);
        }).ToArray();

        Assert.All(all, logits => Assert.Equal(all[0], logits));
    }

    /// <summary>Gradients of tasks that are projected and mixed are whole vectors, as those of any loss.</summary>
    [Fact]
    public void So_have_gradients_that_are_projected()
    {
        var model = Model(256, rows: 1_000).With(spec => spec with { Weighting = new PcGradWeighting() });
        var all = Counts.Select(threads =>
        {
            using var engine = model.Fused(new EngineOptions(threads));
            return engine.Gradient(model.Rows).Gradient;
        }).ToArray();

        Assert.All(all, gradient => Assert.Equal(all[0], gradient));
    }

    private static TestModel Model(int units, int rows)
    {
        var dataset = Samples.Dataset([5, 9, 40, 2, 3], 4, [0, 1, 2]);
        var hidden = Samples.Relu(units) >> new Dropout(0.1);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 8, hidden, Samples.Relu(64));
        return TestModels.Of(new ModelCase(dataset, spec, 1), rows, hasGaps: true);
    }
}
