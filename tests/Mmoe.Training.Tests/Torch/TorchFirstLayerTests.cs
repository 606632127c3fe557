using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Torch;
using static TorchSharp.torch;

namespace Mmoe.Training.Tests.Torch;

/// <summary>Two ways to the same sums: which is taken is a question of time alone.</summary>
[Collection("torch")]
[Trait("Native", "libtorch")]
public sealed class TorchFirstLayerTests
{
    private const int Stride = 16;

    public static TheoryData<bool, ScalarType, double> Ways => new()
    {
        { true, ScalarType.Float32, 1e-5 },
        { true, ScalarType.BFloat16, 0.06 },
        { true, ScalarType.Float16, 0.01 },
        { false, ScalarType.Float32, 1e-5 },
        { false, ScalarType.BFloat16, 0.06 },
        { false, ScalarType.Float16, 0.01 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Sums_and_gradients_are_those_of_the_rows_that_are_named(bool isOneHot, ScalarType type, double tolerance)
    {
        // The second batch meets what the first left behind; the third is shorter, as the last of an epoch.
        LibTorch.Ensure().AssertSuccess();
        int[] sizes = [7, 40, 1];
        const int Numbers = 3;
        var (random, gathered) = (new Random(1), sizes.Sum());
        using var parameters = new FlatParameters((gathered + Numbers) * Stride, CPU, type: type);
        float[] values = [.. Enumerable.Range(0, (gathered + Numbers) * Stride).Select(_ => random.NextSingle() - 0.5f)];
        using TorchFirstLayer layer = isOneHot
            ? new TorchFirstLayer.OneHot(parameters.Part(0, gathered + Numbers, Stride), gathered)
            : new TorchFirstLayer.Gathering(
                parameters.Part(0, gathered, Stride), parameters.Part(gathered * Stride, Numbers, Stride));
        using (no_grad())
        {
            parameters.Vector.copy_(TensorCopies.ToTensor<float>(values, ScalarType.Float32));
        }

        foreach (var rows in new[] { 9, 9, 4 })
        {
            using var scope = NewDisposeScope();
            long[] indices = [.. Enumerable.Range(0, rows).SelectMany(_ => sizes.Select((size, i) => (long)(sizes[..i].Sum() + random.Next(size))))];
            float[] numbers = [.. Enumerable.Range(0, rows * Numbers).Select(_ => random.NextSingle())];
            float[] above = [.. Enumerable.Range(0, rows * Stride).Select(_ => random.NextSingle() - 0.5f)];
            var (sums, gradient) = (new double[rows * Stride], new double[values.Length]);
            for (var row = 0; row < rows; row++)
            {
                var named = indices[(row * sizes.Length)..((row + 1) * sizes.Length)].Select(index => (Row: (int)index, Factor: 1f))
                    .Concat(Enumerable.Range(0, Numbers).Select(i => (Row: gathered + i, Factor: numbers[(row * Numbers) + i])));
                foreach (var (line, factor) in named)
                {
                    for (var c = 0; c < Stride; c++)
                    {
                        sums[(row * Stride) + c] += (double)factor * values[(line * Stride) + c];
                        gradient[(line * Stride) + c] += (double)factor * above[(row * Stride) + c];
                    }
                }
            }

            var result = layer.Apply(tensor(indices, [rows, sizes.Length]), tensor(numbers, [rows, Numbers]));
            var flat = parameters.Flatten(autograd.grad([result], parameters.Leaves, [tensor(above, [rows, Stride]).to(type)]));

            AssertNear(sums, result.to(ScalarType.Float32).ToFlat(), tolerance);
            AssertNear(gradient, flat.ToFlat(), tolerance);
        }
    }

    [Theory]
    [InlineData(488, 29, 48, true)]
    [InlineData(488, 29, 272, true)]
    [InlineData(488, 29, 2_064, false)]
    [InlineData(488, 8, 48, true)]
    [InlineData(4_000, 29, 48, false)]
    [InlineData(20_000, 10, 48, false)]
    [InlineData(4_097, 1_000, 48, false)]
    public void The_faster_way_is_taken(int rows, int gathered, int columns, bool isOneHot) =>
        Assert.Equal(isOneHot, TorchFirstLayer.IsOneHot(rows, gathered, columns));

    [Fact]
    public void An_engine_that_gathers_gives_the_logits_of_the_managed_forward_pass_and_learns()
    {
        var dataset = Samples.Dataset([900, 7], 2, [0, 0], [[], []]);
        var spec = ModelFamilies.Mmoe(dataset.Tasks, 2, Samples.Relu(4), Samples.Relu(4));
        var model = new ModelCase(dataset, spec, 1);
        var rows = model.Rows(50);
        Assert.False(TorchFirstLayer.IsOneHot(907, 2, model.Layout.FirstLayer.Stride));
        using var engine = TorchEngine.Create(spec, model.Inputs, model.Layout, model.Parameters(), new TorchOptions()).AssertSuccess();
        engine.LoadTrain(rows);
        int[] order = [.. Enumerable.Range(0, rows.Rows)];
        double Train() => engine.TrainEpoch(new(order, 8), _ => 0.03, _ => { }, CancellationToken.None).AssertSuccess().LossSum;

        var before = engine.Logits(rows);
        var first = Train();
        for (var epoch = 0; epoch < 20; epoch++)
        {
            Train();
        }

        var expected = new ManagedForward(spec, model.Inputs);
        AssertNear(Array.ConvertAll(expected.Logits(model.Parameters(), rows), v => (double)v), before, 1e-5);
        AssertNear(Array.ConvertAll(expected.Logits(engine.Parameters(), rows), v => (double)v), engine.Logits(rows), 1e-4);

        // Every row has a category of its own, nearly.
        Assert.InRange(Train(), 0, first / 4);
    }

    private static void AssertNear(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.Item1, pair.Item2, tolerance));
    }
}
