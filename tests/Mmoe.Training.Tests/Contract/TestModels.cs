using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Model.Tests;
using Mmoe.Training.Fused;
using Mmoe.Training.Torch;

namespace Mmoe.Training.Tests.Contract;

/// <summary>What every engine can be told.</summary>
internal sealed record EngineOptions(int Threads = 1, int Seed = 0)
{
    /// <summary>How gradients change parameters.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How long a gradient may be.</summary>
    public Clipping Clipping { get; init; } = Clipping.None;

    /// <summary>How many blocks of rows the fused engine computes at once; null for what the model asks for.</summary>
    public int? BlocksAtOnce { get; init; }
}

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

    /// <summary>TorchSharp's engine, started from the parameters.</summary>
    public TorchEngine Torch(EngineOptions options) => this.Engine(
        new TorchOptions(Threads: options.Threads, Seed: options.Seed) { Optimizer = options.Optimizer, Clipping = options.Clipping });

    /// <summary>The fused engine, started from the parameters.</summary>
    public FusedEngine Fused(EngineOptions? options = null)
    {
        options ??= new EngineOptions();
        return new(
            this.Spec,
            this.Inputs,
            this.Layout,
            this.Parameters,
            new FusedOptions(options.Threads, options.Seed)
            {
                Optimizer = options.Optimizer,
                Clipping = options.Clipping,
                BlocksAtOnce = options.BlocksAtOnce,
            });
    }

    /// <summary>The rows in their order.</summary>
    public int[] InOrder() => [.. Enumerable.Range(0, this.Rows.Rows)];

    /// <summary>Every frozen tensor has the values that it started with, and every other has not.</summary>
    public void AssertFrozenAlone(float[] after)
    {
        foreach (var entry in this.Layout.Entries)
        {
            var (was, now) = (new float[entry.Count], new float[entry.Count]);
            entry.CopyFrom(this.Parameters, was);
            entry.CopyFrom(after, now);
            Assert.Equal(this.Spec.IsFrozen(entry.Name), was.SequenceEqual(now));
        }
    }

    /// <summary>The same rows and parameters for a spec that differs in what has no parameters.</summary>
    public TestModel With(Func<ModelSpec, ModelSpec> change) => this with { Spec = change(this.Spec) };
}

internal static class TestModels
{
    /// <summary>A model of any shape that a spec can say, with dropout, frozen parts and all weightings.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="hasGaps">Whether labels are missing and weights differ.</param>
    public static TestModel Random(int seed, int rows = 13, bool hasGaps = false)
    {
        var random = new Random(seed);
        int[] sizes = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(1, 6))];
        var numerics = random.Next(sizes.Length == 0 ? 1 : 0, 4);
        int[] kinds = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(3))];
        var dataset = Samples.Dataset(sizes, numerics, kinds, [.. Enumerable.Range(0, numerics).Select(_ => Samples.Edges(random.Next(4)))]);
        return Of(Samples.Case(dataset, seed, size: 4 + (seed % 20)), rows, hasGaps);
    }

    /// <summary>An MMoE with two binary tasks; in small what the reference model is.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="head">What the tasks are, in place of binary ones.</param>
    /// <param name="last">What each expert and each tower ends in, before the tower's last layer; by default nothing more.</param>
    public static TestModel Mmoe(int seed, int rows, Head? head = null, Network? last = null)
    {
        var kind = head switch { RegressionHead => 2, MulticlassHead => 1, _ => 0 };
        var dataset = Samples.Dataset([5, 9, 2], 3, [kind, kind], [[], Samples.Edges(1), []]);
        var spec = ModelFamilies.Mmoe(
            dataset.Tasks, 3, Samples.Relu(4) >> (last ?? Network.Identity), Samples.Relu(8) >> (last ?? Network.Identity));
        return Of(new ModelCase(dataset, spec, seed), rows);
    }

    /// <summary>Rows and parameters for a model; by default without gaps, see <see cref="Random"/>.</summary>
    public static TestModel Of(ModelCase model, int rows, bool hasGaps = false)
    {
        var random = new Random(model.Seed);
        var inputs = model.Rows(rows);
        var tasks = model.Dataset.Tasks;

        // The rows as drawn have gaps in their labels, and no weights.
        float Filled(int task) => tasks[task] switch
        {
            RegressionTask => (random.NextSingle() * 4) - 2,
            var task_ => random.Next(Math.Max(2, task_.OutputWidth)),
        };
        var targets = inputs.Targets.Select((target, i) => float.IsNaN(target) && !hasGaps ? Filled(i % tasks.Count) : target).ToArray();
        float[] weights = [.. Enumerable.Range(0, rows).Select(_ => hasGaps ? random.Next(4) * 0.75f : 1f)];
        return new TestModel(
            model.Spec, model.Inputs, model.Layout, model.Parameters(), inputs with { Targets = targets, Weights = weights });
    }
}

/// <summary>The loss that a step of training follows, in double precision, over <see cref="NaiveModel"/>.</summary>
internal sealed class DoubleReference(TestModel model, int seed, long step)
{
    /// <summary>The loss of rows as the batch of the step.</summary>
    public double Loss(double[] parameters, ModelInputs rows)
    {
        var towers = model.Spec.Towers;
        var naive = new NaiveModel(model.Spec, model.Layout, parameters);
        var (sums, weights) = (new double[towers.Count], new double[towers.Count]);
        var x = NaiveModel.OneHot(rows, model.Inputs.Width);
        var dropped = new NaiveDropout(seed, step, rows.Rows);
        for (var row = 0; row < rows.Rows; row++)
        {
            naive.Dropped = dropped.Of(row);
            var logits = naive.Run(x[row]).Logits.AsSpan();
            for (var t = 0; t < towers.Count; t++)
            {
                var width = towers[t].Head.Width;
                var target = rows.Targets[(row * towers.Count) + t];
                if (!float.IsNaN(target))
                {
                    sums[t] += rows.Weights[row] * NaiveModel.LossOfRow(towers[t].Head, [.. logits[..width]], target);
                    weights[t] += rows.Weights[row];
                }

                logits = logits[width..];
            }
        }

        return Enumerable.Range(0, towers.Count).Where(t => weights[t] > 0).Sum(t => this.Weighted(t, sums[t] / weights[t], parameters));
    }

    private double Weighted(int task, double loss, double[] parameters)
    {
        var tower = model.Spec.Towers[task];
        switch (model.Spec.Weighting)
        {
            case FixedWeighting weighting:
                return weighting.Weights.FirstOrDefault(weight => weight.Task == tower.Task)?.Weight * loss ?? loss;
            case UncertaintyWeighting:
                // Kendall et al. 2018, equations 7 and 10, with s = log σ²; Huber's loss is half the square already.
                var s = parameters[model.Layout[$"weighting.{tower.Task}.log_variance"].Offset];
                return ((tower.Head is RegressionHead { HuberDelta: null } ? 0.5 : 1) * Math.Exp(-s) * loss) + (s / 2);
            default:
                return loss;
        }
    }
}

/// <summary>What dropout drops in a batch, for <see cref="NaiveModel.Dropped"/>.</summary>
internal sealed class NaiveDropout(int seed, long step, int rows)
{
    private readonly Dictionary<string, float[]> layers = new(StringComparer.Ordinal);

    /// <summary>The factors of a row, by a layer's name, rate and width.</summary>
    public Func<string, double, int, double[]> Of(int row) => (name, rate, width) =>
    {
        if (!this.layers.TryGetValue(name, out var factors))
        {
            this.layers[name] = factors = new float[rows * width];
            DroppedElements.Fill(factors, seed, step, name, rate);
        }

        return Array.ConvertAll(factors[(row * width)..((row + 1) * width)], factor => (double)factor);
    };
}
