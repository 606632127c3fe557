using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Training.Torch;

namespace Mmoe.Training.Tests.Torch;

/// <summary>A model, what it sees, rows and parameters: all small, and a function of the seed.</summary>
internal sealed record TestModel(ModelSpec Spec, InputLayout Inputs, ParameterLayout Layout, float[] Parameters, ModelInputs Rows)
{
    /// <summary>An engine that starts from the parameters.</summary>
    public TorchEngine Engine(TorchOptions? options = null) =>
        TorchEngine.Create(this.Spec, this.Inputs, this.Layout, this.Parameters, options ?? new TorchOptions()).AssertSuccess();

    /// <summary>An engine that has the rows to train on.</summary>
    public TorchEngine LoadedEngine(TorchOptions? options = null)
    {
        var engine = this.Engine(options);
        engine.LoadTrain(this.Rows);
        return engine;
    }

    /// <summary>The rows in their order.</summary>
    public int[] InOrder() => [.. Enumerable.Range(0, this.Rows.Rows)];
}

internal static class TestModels
{
    /// <summary>A model of any shape that a spec can say.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="hasGaps">Whether labels are missing and weights differ.</param>
    public static TestModel Random(int seed, int rows = 13, bool hasGaps = false)
    {
        var random = new Random(seed);
        var gating = (Gating)random.Next(3);
        var width = random.Next(1, 5);
        Network Expert() => Hidden(random, random.Next(0, 3)) >> new Dense(width, AnyActivation(random));
        var first = Expert();
        var experts = gating == Gating.None
            ? [first]
            : Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(4) == 0 ? Expert() : first).ToArray();
        var hidden = Hidden(random, random.Next(0, 3));
        var towers = Enumerable.Range(0, random.Next(1, 5)).Select(t =>
            new Tower($"task{t}", random.Next(4) == 0 ? Hidden(random, random.Next(0, 3)) : hidden, AnyHead(random)));
        var spec = new ModelSpec(new(experts), gating, new(towers));
        int[] sizes = [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => random.Next(1, 7))];
        return Of(spec, random, sizes, random.Next(sizes.Length == 0 ? 1 : 0, 5), rows, hasGaps);
    }

    /// <summary>An MMoE with two binary tasks; in small what the reference model is.</summary>
    public static TestModel Mmoe(int seed, int rows, Head? head = null)
    {
        var expert = Network.OfDense([4], Activation.ReLU);
        var tower = Network.OfDense([8], Activation.ReLU);
        var towers = Enumerable.Range(0, 2).Select(t => new Tower($"task{t}", tower, head ?? new BinaryHead()));
        var spec = new ModelSpec(new(Enumerable.Repeat(expert, 3)), Gating.PerTask, new(towers));
        return Of(spec, new Random(seed), [5, 9, 2], 3, rows, hasGaps: false);
    }

    private static TestModel Of(ModelSpec spec, Random random, int[] sizes, int numerics, int rows, bool hasGaps)
    {
        // Every third number has three components. Every other one has bins too, n edges for the n-th of them.
        var binned = Enumerable.Range(0, numerics).Where(i => i % 2 == 1).ToArray();
        int[] gathered = [.. sizes, .. binned.Select(i => i + 1)];
        var offsets = gathered.Select((_, i) => gathered.Take(i).Sum()).ToArray();
        NumericEncoder[] encoders =
        [
            .. Enumerable.Range(0, numerics).Select(NumericEncoder (i) => i % 3 == 2
                ? new PiecewiseLinearEncoder(new([-1f, 0, 1, 2]), 0)
                : new StandardEncoder(NumericTransform.Identity, 0, 1, 0)),
        ];
        var inputs = new InputLayout(
            "",
            new(
            [
                .. sizes.Select((size, i) => new CategoricalInput($"c{i}", i, size, offsets[i])),
                .. binned.Select((n, i) => new BinnedInput(
                    $"n{n}", n, new(Enumerable.Range(0, n).Select(edge => (float)edge)), false, offsets[sizes.Length + i])),
            ]),
            new(encoders.Select((encoder, i) =>
                new NumericInput($"n{i}", i, encoder, gathered.Sum() + encoders.Take(i).Sum(before => before.Width)))),
            null);
        var layout = ParameterLayout.Of(spec, inputs.Width);
        var parameters = new float[layout.Length];
        foreach (var entry in layout.Entries)
        {
            entry.CopyTo([.. Enumerable.Range(0, entry.Count).Select(_ => (random.NextSingle() - 0.5f) * 1.6f)], parameters);
        }

        float Target(int task) => hasGaps && random.Next(3) == 0 ? float.NaN : spec.Towers[task].Head switch
        {
            BinaryHead => random.Next(2),
            MulticlassHead multiclass => random.Next(multiclass.Classes),
            _ => (random.NextSingle() * 4) - 2,
        };
        var data = new ModelInputs(
            rows,
            [.. Enumerable.Range(0, rows).SelectMany(_ => gathered.Select((size, i) => offsets[i] + random.Next(size)))],
            [.. Enumerable.Range(0, rows * inputs.NumericWidth).Select(_ => (random.NextSingle() * 4) - 2)],
            [.. Enumerable.Range(0, rows).SelectMany(_ => Enumerable.Range(0, spec.Towers.Count).Select(Target))],
            [.. Enumerable.Range(0, rows).Select(_ => hasGaps ? random.Next(4) * 0.75f : 1f)]);
        return new TestModel(spec, inputs, layout, parameters, data);
    }

    private static Network Hidden(Random random, int depth) =>
        Enumerable.Range(0, depth)
            .Aggregate(Network.Identity, (network, _) => network >> new Dense(random.Next(1, 6), AnyActivation(random)));

    private static Activation AnyActivation(Random random) => (Activation)random.Next(4);

    private static Head AnyHead(Random random) => random.Next(4) switch
    {
        0 => new RegressionHead(),
        1 => new MulticlassHead(random.Next(2, 5)),
        _ => new BinaryHead(),
    };
}

/// <summary>
/// The loss of a spec in double precision, entry by entry and one-hot: as the papers write it, and unlike every way that the code does it.
/// </summary>
internal sealed class DoubleReference(TestModel model)
{
    public double Loss(double[] parameters, ModelInputs rows)
    {
        var tasks = model.Spec.Towers.Count;
        var (sums, weights) = (new double[tasks], new double[tasks]);
        for (var row = 0; row < rows.Rows; row++)
        {
            var logits = this.Logits(parameters, rows, row);
            for (var t = 0; t < tasks; t++)
            {
                var target = rows.Targets[(row * tasks) + t];
                if (!float.IsNaN(target))
                {
                    sums[t] += rows.Weights[row] * LossOf(model.Spec.Towers[t].Head, logits[t], target);
                    weights[t] += rows.Weights[row];
                }
            }
        }

        return sums.Zip(weights, (sum, weight) => weight > 0 ? sum / weight : 0).Sum();
    }

    private double[][] Logits(double[] parameters, ModelInputs rows, int row)
    {
        var (gathered, numerics) = (model.Inputs.Gathered.Count, model.Inputs.NumericWidth);
        var x = new double[model.Inputs.Width];
        for (var g = 0; g < gathered; g++)
        {
            x[rows.Indices[(row * gathered) + g]] += 1;
        }

        for (var n = 0; n < numerics; n++)
        {
            x[x.Length - numerics + n] = rows.Numerics[(row * numerics) + n];
        }

        double[] Dense(string owner, double[] input, Activation activation)
        {
            var weight = model.Layout[ParameterNames.Weight(owner)];
            var bias = model.Layout[ParameterNames.Bias(owner)];
            var result = new double[weight.Shape[1]];
            for (var unit = 0; unit < result.Length; unit++)
            {
                var sum = parameters[bias.Offset + (unit * bias.Strides[0])];
                for (var i = 0; i < input.Length; i++)
                {
                    sum += input[i] * parameters[weight.Offset + (i * weight.Strides[0]) + (unit * weight.Strides[1])];
                }

                result[unit] = Activate(activation, sum);
            }

            return result;
        }

        double[] Through(Network network, Func<int, string> owner, double[] input)
        {
            for (var layer = 0; layer < network.Layers.Count; layer++)
            {
                input = Dense(owner(layer), input, ((Dense)network.Layers[layer]).Activation);
            }

            return input;
        }

        var spec = model.Spec;
        var experts = spec.Experts.Select((expert, e) => Through(expert, layer => ParameterNames.Expert(e, layer), x)).ToArray();
        return
        [
            .. spec.Towers.Select((tower, t) =>
            {
                var gate = spec.Gating == Gating.None
                    ? [1.0]
                    : Softmax(Dense(ParameterNames.Gate(spec, spec.Gating == Gating.Shared ? 0 : t), x, Activation.Identity));
                var mixture = experts[0].Select((_, u) => experts.Select((expert, e) => gate[e] * expert[u]).Sum()).ToArray();
                var hidden = Through(tower.Hidden, layer => ParameterNames.Tower(tower.Task, layer), mixture);
                return Dense(ParameterNames.Output(tower.Task), hidden, Activation.Identity);
            }),
        ];
    }

    private static double LossOf(Head head, double[] logits, double target) => head switch
    {
        BinaryHead => -((target * Math.Log(Sigmoid(logits[0]))) + ((1 - target) * Math.Log(1 - Sigmoid(logits[0])))),
        MulticlassHead => -Math.Log(Softmax(logits)[(int)target]),
        _ => (logits[0] - target) * (logits[0] - target),
    };

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.ReLU => Math.Max(x, 0),
        Activation.Tanh => Math.Tanh(x),
        Activation.SiLU => x * Sigmoid(x),
        _ => x,
    };

    private static double[] Softmax(double[] x)
    {
        var exponentials = x.Select(Math.Exp).ToArray();
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
