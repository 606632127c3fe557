using System.Runtime.InteropServices;
using FsCheck.Xunit;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Fused;
using Mmoe.Training.Tests.Contract;

namespace Mmoe.Training.Tests.Fused;

/// <summary>How many blocks of rows are computed at once changes no bit, whatever the number of threads.</summary>
[Properties(Arbitrary = [typeof(ParityArbitraries)])]
public sealed class BlocksAtOnceTests
{
    private static readonly int[] Counts = [2, 3, FusedProgram.MostBlocks];

    [Property(MaxTest = 100)]
    public void Gradients_and_logits_have_the_same_bits(ParityCase drawn)
    {
        var model = drawn.Draw();
        var alone = Results(model, 1, 1, drawn.Seed, drawn.Step);
        Assert.True(double.IsFinite(alone.Loss));
        foreach (var count in Counts)
        {
            var together = Results(model, count, 3, drawn.Seed, drawn.Step);
            Assert.Equal(Bits([alone.Loss]), Bits([together.Loss]));
            Assert.Equal(Bits(alone.Gradient), Bits(together.Gradient));
            Assert.Equal(Bits(alone.Logits), Bits(together.Logits));
        }
    }

    /// <summary>Layers of several parts, and of columns that fill no strip and no vector.</summary>
    [Theory]
    [InlineData(700, 330)]
    [InlineData(330, 701)]
    [InlineData(2_100, 37)]
    [InlineData(37, 2_100)]
    public void So_have_those_of_layers_in_parts(int inputs, int outputs)
    {
        var dataset = Samples.Dataset([5, 9], 2, [0, 1]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 1, Samples.Relu(inputs) >> Samples.Relu(outputs), Samples.Relu(12));
        this.Gradients_and_logits_have_the_same_bits(new ParityCase(new ModelCase(dataset, spec, 3), 600, false, 0, 0));
    }

    [Theory]
    [InlineData(1_023, 1_023, 1)]
    [InlineData(1_023, 1_024, 8)]
    public void Several_are_computed_where_there_are_many_weights(int units, int hidden, int expected)
    {
        // With the weights of the tower's head 1,023 · 1,024, and 1,024 · 1,024.
        var dataset = Samples.Dataset([5], 0, [0]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 1, Samples.Relu(units) >> Samples.Relu(hidden), Network.Identity);
        var model = TestModels.Of(new ModelCase(dataset, spec, 3), rows: 1);
        Assert.Equal(expected, FusedProgram.ForTraining(model.Spec, model.Inputs.Width, model.Layout).BlocksAtOnce);
        Assert.Equal(expected, FusedProgram.ForUse(model.Spec, model.Inputs.Width, model.Layout).BlocksAtOnce);
    }

    private static (double Loss, float[] Gradient, float[] Logits) Results(TestModel model, int count, int threads, int seed, int step)
    {
        using var engine = model.Fused(new EngineOptions(threads, seed) { BlocksAtOnce = count });
        engine.Load(OptimizerState.Initial(model.Layout.Length) with { Steps = step });
        var (loss, gradient) = engine.Gradient(model.Rows);
        return (loss, gradient, engine.Logits(model.Rows));
    }

    private static byte[] Bits<T>(T[] numbers)
        where T : unmanaged => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
}
