using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Fused;
using Mmoe.Training.Tests.Contract;
using static Mmoe.Training.Tests.Contract.Checks;

namespace Mmoe.Training.Tests.Fused;

/// <summary>A model of any shape that a spec can say, a batch of any size, and what the random numbers of its step derive from.</summary>
public sealed record ParityCase(ModelCase Model, int Rows, bool HasGaps, int Seed, int Step)
{
    /// <summary>The model, with the weights of wide layers so small that numbers keep their size from layer to layer.</summary>
    internal TestModel Draw()
    {
        var model = TestModels.Of(this.Model, this.Rows, this.HasGaps);
        var parameters = model.Parameters.ToArray();
        foreach (var entry in model.Layout.Entries.Where(entry => entry.Shape.Count == 2))
        {
            var factor = (float)Math.Min(1, 2 / Math.Sqrt(entry.Shape[0]));
            var own = new float[entry.Count];
            entry.CopyFrom(parameters, own);
            entry.CopyTo(Array.ConvertAll(own, value => value * factor), parameters);
        }

        return model with { Parameters = parameters };
    }
}

public static class ParityArbitraries
{
    // Blocks have 16 rows, and chunks 128 or more.
    private static readonly int[] Sizes = [1, 2, 15, 16, 17, 33, 100, 128, 129, 250, 417];

    public static Arbitrary<ParityCase> Cases() => (
        from widest in Gen.Elements(6, 6, 40, 70)
        from model in Arbitraries.CasesOf(widest)
        from rows in Gen.Elements(Sizes)
        from hasGaps in Gen.Elements(false, true)
        from seed in Gen.Choose(0, 1_000)
        from step in Gen.Choose(0, 1_000)
        select new ParityCase(model, rows, hasGaps, seed, step)).ToArbitrary();
}

/// <summary>The fused engine computes what autograd does, and both what the formulas say.</summary>
[Collection("torch")]
[Trait("Native", "libtorch")]
[Properties(Arbitrary = [typeof(ParityArbitraries)])]
public sealed class ParityTests
{
    [Property(MaxTest = 150)]
    public void Loss_and_gradient_are_those_of_autograd(ParityCase drawn)
    {
        if (Steady(drawn.Draw(), drawn.Seed, drawn.Step) is { } model)
        {
            AssertAgree(model, drawn.Seed, drawn.Step);
        }
    }

    [Property(MaxTest = 100)]
    public void Logits_are_those_of_the_forward_passes_without_vectors(ParityCase drawn)
    {
        var model = drawn.Draw();
        using var engine = model.Fused();
        var logits = engine.Logits(model.Rows);
        var managed = new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows);
        var naive = new NaiveModel(model.Spec, model.Layout, model.Parameters);
        var width = model.Spec.LogitWidth;
        foreach (var (x, row) in NaiveModel.OneHot(model.Rows, model.Inputs.Width).Select((x, row) => (x, row)))
        {
            var expected = naive.Run(x);
            for (var i = 0; i < width && !expected.IsNearTie; i++)
            {
                // As in the tests of the managed forward pass: in proportion to the greatest number on the way.
                var tolerance = 1e-5 * (1 + expected.Greatest);
                Assert.Equal(expected.Logits[i], logits[(row * width) + i], tolerance);
                Assert.Equal(managed[(row * width) + i], logits[(row * width) + i], tolerance);
            }
        }
    }

    /// <summary>
    /// Two bytes hold the place of a row of the first layer among its first 65,536 vectors, of which a row has one or two here; four bytes
    /// hold any.
    /// </summary>
    [Theory]
    [InlineData(65_536, 0, 2)]
    [InlineData(65_537, 0, 2)]
    [InlineData(65_534, 3, 2)]
    [InlineData(32_768, 0, 3)]
    [InlineData(32_769, 0, 3)]
    [InlineData(70_000, 0, 3)]
    public void Vocabularies_of_any_size_are_gathered(int first, int second, int experts)
    {
        var dataset = Samples.Dataset(second == 0 ? [first] : [second, first], 2, [0, 2]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, experts, Samples.Relu(4), Samples.Relu(8));
        var model = TestModels.Of(new ModelCase(dataset, spec, 1), rows: 40);
        var indices = model.Rows.Indices.ToArray();
        var last = model.Inputs.Width - model.Inputs.NumericWidth - 1;
        indices[^1] = last;
        indices[^(1 + model.Inputs.Gathered.Count)] = last - 1;
        model = model with { Rows = model.Rows with { Indices = indices } };
        model = Assert.IsType<TestModel>(Steady(model, 0, 0));

        AssertAgree(model, 0, 0);
        using var engine = model.Fused();
        AssertClose(new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows), engine.Logits(model.Rows), 1e-5);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(3, 14)]
    public void Inputs_may_be_categories_alone_or_numbers_alone(int categories, int numbers)
    {
        var dataset = Samples.Dataset([.. Enumerable.Range(2, categories)], numbers, [0, 1]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 8, Samples.Relu(7), Samples.Relu(8));
        foreach (var rows in (int[])[1, 40, 300])
        {
            AssertAgree(Assert.IsType<TestModel>(Steady(TestModels.Of(new ModelCase(dataset, spec, 3), rows), 0, 0)), 0, 0);
        }
    }

    [Theory]
    [InlineData(300, 3)]
    [InlineData(40, 39)]
    [InlineData(20, 1)]
    public void A_gate_may_choose_few_or_most_of_many_experts(int experts, int topK)
    {
        var dataset = Samples.Dataset([3, 5], 2, [0, 1]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, experts, Samples.Relu(2), Samples.Relu(3), new SoftmaxGate(TopK: topK));
        AssertAgree(Assert.IsType<TestModel>(Steady(TestModels.Of(new ModelCase(dataset, spec, 3), 40), 0, 0)), 0, 0);
    }

    /// <summary>Among logits that are no numbers there is no greatest, and the search for it ends all the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_gate_that_has_diverged_is_a_fault(int topK)
    {
        var dataset = Samples.Dataset([3, 5], 2, [0, 1]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 4, Samples.Relu(2), Samples.Relu(3), new SoftmaxGate(TopK: topK));
        var model = TestModels.Of(new ModelCase(dataset, spec, 3), 40);
        model = model with { Parameters = [.. model.Parameters.Select(_ => float.NaN)] };
        using var engine = model.Fused();
        engine.LoadTrain(model.Rows);

        var fault = await Task.Run(() => engine.TrainEpoch(new(model.InOrder(), 40), _ => 0.001, _ => { }, CancellationToken.None).AssertFault())
            .WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Contains("NaN", fault.What, StringComparison.Ordinal);
    }

    /// <summary>From 2,048 rows on chunks grow.</summary>
    [Theory]
    [InlineData(2_047)]
    [InlineData(2_048)]
    [InlineData(2_049)]
    [InlineData(4_099)]
    public void Large_batches_are_summed_up_chunk_by_chunk(int rows) =>
        AssertAgree(Assert.IsType<TestModel>(Steady(TestModels.Mmoe(3, rows, last: new Dropout(0.1)), 5, 7)), 5, 7);

    /// <summary>More than a million weights behind the first layer, of which several blocks of rows are computed at once.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    public void Large_layers_are_computed_for_several_blocks_at_once(int rows)
    {
        var dataset = Samples.Dataset([5, 9], 2, [0, 1]);
        var spec = ModelFamilies.Mmoe(
            dataset.Tasks, 2, new Dense(700, Activation.Tanh) >> new Dense(749, Activation.Tanh), new Dense(9, Activation.Tanh));
        var model = new ParityCase(new ModelCase(dataset, spec, 3), rows, false, 0, 0).Draw();
        Assert.Equal(FusedProgram.MostBlocks, FusedProgram.ForTraining(model.Spec, model.Inputs.Width, model.Layout).BlocksAtOnce);

        AssertAgree(model, 0, 0);
        using var engine = model.Fused();
        AssertClose(new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters, model.Rows), engine.Logits(model.Rows), 1e-4);
    }

    private static void AssertAgree(TestModel model, int seed, int step)
    {
        var options = new EngineOptions(Seed: seed);
        var state = OptimizerState.Initial(model.Layout.Length) with { Steps = step };
        using var torch = model.Torch(options);
        using var fused = model.Fused(options);
        torch.Load(state);
        fused.Load(state);
        var (expectedLoss, expected) = torch.Gradient(model.Rows);
        var (loss, gradient) = fused.Gradient(model.Rows);

        Assert.Equal(expectedLoss, loss, 1e-5 * (1 + Math.Abs(expectedLoss)));
        AssertSameGradient(model.Layout, expected, gradient);

        // Its gradient is that of no loss; the property of both engines' PCGrad mixes those of single tasks.
        if (model.Rows.Rows <= 33 && model.Spec.Weighting is not PcGradWeighting)
        {
            AssertGradient(model, seed, step, loss, gradient);
        }
    }
}
