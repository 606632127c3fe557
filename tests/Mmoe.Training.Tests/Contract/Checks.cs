using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Fused;
using Mmoe.Training.Torch;

namespace Mmoe.Training.Tests.Contract;

/// <summary>What tests of engines do and compare.</summary>
internal static class Checks
{
    /// <summary>Loss and gradient of one batch under the present parameters.</summary>
    public static (double Loss, float[] Gradient) Gradient(this IEngine engine, ModelInputs batch) => engine switch
    {
        TorchEngine torch => torch.Gradient(batch),
        FusedEngine fused => fused.Gradient(batch),
        _ => throw new ArgumentException($"{engine.Name} tells no gradient", nameof(engine)),
    };

    public static TestModel WithoutPcGrad(TestModel model) => model.With(spec => spec with
    {
        Weighting = spec.Weighting is PcGradWeighting ? TaskWeighting.Equal : spec.Weighting,
    });

    public static double Train(IEngine engine, TestModel plain, int batchSize) => Train(engine, plain.InOrder(), batchSize);

    public static double Train(IEngine engine, int[] order, int batchSize, Func<long, double>? learningRate = null) =>
        engine.TrainEpoch(new(order, batchSize), learningRate ?? (_ => 0.001), _ => { }, CancellationToken.None).AssertSuccess()
            .LossSum / order.Length;

    public static ModelInputs Picked(ModelInputs rows, TestModel model, int[] order)
    {
        T[] Of<T>(T[] values, int width) => [.. order.SelectMany(row => values[(row * width)..((row + 1) * width)])];
        return new(
            order.Length,
            Of(rows.Indices, model.Inputs.Gathered.Count),
            Of(rows.Numerics, model.Inputs.NumericWidth),
            Of(rows.Targets, model.Spec.Towers.Count),
            Of(rows.Weights, 1));
    }

    /// <summary>
    /// Loss and gradient of the rows of a model without PCGrad are those of the reference: central differences in double precision, along one
    /// direction within each parameter; what remains is the float32 error of the engine.
    /// </summary>
    public static void AssertGradient(TestModel model, int seed, long step, double loss, float[] gradient)
    {
        const double Step = 1e-6;
        var reference = new DoubleReference(model, seed, step);
        var parameters = Array.ConvertAll(model.Parameters, value => (double)value);
        var random = new Random(seed);

        AssertClose([(float)reference.Loss(parameters, model.Rows)], [(float)loss], 2e-5);
        foreach (var entry in model.Layout.Entries)
        {
            var own = new float[entry.Count];
            entry.CopyFrom(gradient, own);
            if (model.Spec.IsFrozen(entry.Name))
            {
                Assert.All(own, value => Assert.Equal(0f, value));
                continue;
            }

            float[] direction = [.. own.Select(_ => random.NextSingle() - 0.5f)];
            double At(double distance)
            {
                var moved = new float[model.Layout.Length];
                entry.CopyTo(direction, moved);
                return reference.Loss([.. parameters.Zip(moved, (value, along) => value + (distance * along))], model.Rows);
            }

            var expected = (At(Step) - At(-Step)) / (2 * Step);
            var actual = own.Zip(direction, (value, along) => (double)value * along).Sum();
            var scale = own.Zip(direction, (value, along) => Math.Abs((double)value * along)).Sum();
            Assert.True(
                Math.Abs(expected - actual) <= 2e-4 * Math.Max(1, scale), $"{entry.Name}: expected {expected}, got {actual}");
        }
    }

    /// <summary>
    /// The model with another row in place of each whose gates or ReLUs stand on an edge, where float32 may come to fall on the other side
    /// than double precision does; null where it has no other rows.
    /// </summary>
    public static TestModel? Steady(TestModel model, int seed, long step)
    {
        var random = new Random(seed);
        var naive = new NaiveModel(model.Spec, model.Layout, model.Parameters);
        var x = NaiveModel.OneHot(model.Rows, model.Inputs.Width);
        var dropped = new NaiveDropout(seed, step, x.Length);
        var rows = model.InOrder();
        for (var place = 0; place < rows.Length; place++)
        {
            naive.Dropped = dropped.Of(place);
            for (var tries = 0; naive.Run(x[rows[place]]) is { IsNearTie: true } or { IsNearKink: true }; tries++)
            {
                if (tries == 20)
                {
                    return null;
                }

                rows[place] = random.Next(rows.Length);
            }
        }

        return model with { Rows = Picked(model.Rows, model, rows) };
    }

    /// <summary>
    /// Each tensor's gradient is as expected: apart by no more than a share of its norm, and a smaller share of the norm of the whole
    /// gradient, which is what rounding is in proportion to where a tensor's own gradient cancels out.
    /// </summary>
    public static void AssertSameGradient(ParameterLayout layout, float[] expected, float[] actual, double relative = 1e-4, double ofAll = 1e-6)
    {
        double Norm(IEnumerable<float> values) => Math.Sqrt(values.Sum(value => (double)value * value));
        Assert.Equal(expected.Length, actual.Length);
        var all = Norm(expected);
        foreach (var entry in layout.Entries)
        {
            var (own, other) = (new float[entry.Count], new float[entry.Count]);
            entry.CopyFrom(expected, own);
            entry.CopyFrom(actual, other);
            var (norm, apart) = (Norm(own), Norm(own.Zip(other, (a, b) => a - b)));
            Assert.True(
                apart <= (relative * norm) + (ofAll * all), $"{entry.Name}: {apart} apart of {norm}; the norm of the whole gradient is {all}");
        }
    }

    public static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - (double)actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i}: expected {expected[i]}, got {actual[i]}");
        }
    }
}
