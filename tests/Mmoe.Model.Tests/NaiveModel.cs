namespace Mmoe.Model.Tests;

/// <summary>
/// The model as the papers write it, in double precision, over an explicit one-hot matrix: it reads every element by the parameter's name,
/// shape and strides, and shares nothing else with the code under test.
/// </summary>
internal sealed class NaiveModel(ModelSpec spec, ParameterLayout layout, double[] flat)
{
    public NaiveModel(ModelSpec spec, ParameterLayout layout, float[] flat)
        : this(spec, layout, Array.ConvertAll(flat, value => (double)value))
    {
    }

    private readonly Dictionary<string, ParameterEntry> entries = layout.Entries.ToDictionary(e => e.Name);

    /// <summary>What it gives for a row.</summary>
    /// <param name="Logits">All towers' logits side by side.</param>
    /// <param name="Gates">All softmax gates' weights side by side.</param>
    /// <param name="Greatest">The greatest number met on the way, in absolute value: what rounding errors are in proportion to.</param>
    /// <param name="IsNearTie">Whether float32 may choose other experts among the top, since two logits of a gate are almost equal.</param>
    /// <param name="HasTie">Whether logits of a gate that chooses the top are equal, so that more than k may take part.</param>
    internal sealed record Result(double[] Logits, double[][] Gates, double Greatest, bool IsNearTie, bool HasTie)
    {
        /// <summary>Whether a ReLU got a number so near to 0, but not 0, that float32 may see it on the other side.</summary>
        public bool IsNearKink { get; init; }
    }

    private double greatest;
    private bool nearTie;
    private bool tie;
    private bool nearKink;

    /// <summary>The factors of a dropout for the row, by its name, rate and width; without it nothing is dropped.</summary>
    public Func<string, double, int, double[]>? Dropped { get; set; }

    /// <summary>
    /// The loss of one row for one task: with probabilities as the heads' formulas write them, and the logarithm of a sum where a probability
    /// would be 0.
    /// </summary>
    public static double LossOfRow(Head head, double[] z, double y)
    {
        switch (head)
        {
            case BinaryHead { PositiveWeight: var p, LabelSmoothing: var e }:
                var target = (y * (1 - e)) + (e / 2);
                return (p * target * Math.Log(1 + Math.Exp(-z[0]))) + ((1 - target) * Math.Log(1 + Math.Exp(z[0])));
            case MulticlassHead { Classes: var classes, LabelSmoothing: var e }:
                var logSum = z.Max() + Math.Log(z.Sum(u => Math.Exp(u - z.Max())));
                return z.Select((v, c) => ((c == y ? 1 - e : 0) + (e / classes)) * (logSum - v)).Sum();
            case RegressionHead { HuberDelta: { } delta }:
                return Math.Abs(z[0] - y) <= delta ? Math.Pow(z[0] - y, 2) / 2 : delta * (Math.Abs(z[0] - y) - (delta / 2));
            default:
                return Math.Pow(z[0] - y, 2);
        }
    }

    public static double[][] OneHot(ModelInputs inputs, int width) => [.. Enumerable.Range(0, inputs.Rows).Select(row =>
    {
        var x = new double[width];
        var categoricals = inputs.Rows == 0 ? 0 : inputs.Indices.Length / inputs.Rows;
        var numerics = inputs.Rows == 0 ? 0 : inputs.Numerics.Length / inputs.Rows;
        for (var c = 0; c < categoricals; c++)
        {
            x[inputs.Indices[(row * categoricals) + c]] += 1;
        }

        for (var n = 0; n < numerics; n++)
        {
            x[width - numerics + n] = inputs.Numerics[(row * numerics) + n];
        }

        return x;
    })];

    public Result Run(double[] x)
    {
        (this.greatest, this.nearTie, this.tie, this.nearKink) = (0, false, false, false);
        var streams = new Dictionary<string, double[]> { ["input"] = x };
        var gates = new List<double[]>();
        for (var number = 0; number < spec.Levels.Count; number++)
        {
            var (level, prefix) = (spec.Levels[number], number == 0 ? "" : $"levels.{number}.");
            var results = level.Experts.ToDictionary(
                e => e.Name, e => this.Apply(e.Network, streams[e.Reads], $"{prefix}experts.{e.Name}"));
            var next = new Dictionary<string, double[]> { ["input"] = x };
            foreach (var mixture in level.Mixtures)
            {
                var weights = this.Weights(mixture, $"{prefix}gates.{mixture.Stream}", streams);
                if (mixture.Gate is SoftmaxGate)
                {
                    gates.Add(weights);
                }

                var mixed = mixture.Experts.Select((name, e) => results[name].Select(v => weights[e] * v).ToArray()).ToArray();
                next[mixture.Stream] = this.Seen([.. Enumerable.Range(0, mixed[0].Length).Select(i => mixed.Sum(v => v[i]))]);
            }

            streams = next;
        }

        var logits = spec.Towers.SelectMany(tower => this.Affine(
            this.Apply(tower.Hidden, streams[tower.Reads], $"towers.{tower.Task}"), $"towers.{tower.Task}.output", hasBias: true));
        return new([.. logits], [.. gates], this.greatest, this.nearTie, this.tie) { IsNearKink = this.nearKink };
    }

    public static double[] Softmax(double[] x)
    {
        var e = x.Select(v => Math.Exp(v - x.Max())).ToArray();
        return [.. e.Select(v => v / e.Sum())];
    }

    /// <summary>2/√π · ∫ exp(-t²) from 0 to x, by Simpson's rule: as unlike the series under test as can be.</summary>
    public static double Erf(double x)
    {
        const int Pieces = 400;
        var step = Math.Clamp(x, -7, 7) / Pieces;
        var sum = Enumerable.Range(0, Pieces + 1).Sum(i =>
            (i is 0 or Pieces ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-(i * step) * (i * step)));
        return 2 / Math.Sqrt(Math.PI) * sum * step / 3;
    }

    private double[] Weights(Mixture mixture, string owner, Dictionary<string, double[]> streams)
    {
        switch (mixture.Gate)
        {
            case PassGate:
                return [1];
            case StitchGate:
                return this.Vector($"{owner}.stitch", mixture.Experts.Count);
            default:
                var gate = (SoftmaxGate)mixture.Gate;
                var logits = this.Affine(this.Apply(gate.Hidden, streams[gate.Reads], owner), owner, gate.HasBias);
                var sorted = logits.OrderDescending().ToArray();
                if (gate.TopK is not { } k || k == logits.Length)
                {
                    return Softmax([.. logits.Select(v => v / gate.Temperature)]);
                }

                this.tie |= sorted[k - 1] == sorted[k];
                this.nearTie |= sorted[k - 1] != sorted[k] && sorted[k - 1] - sorted[k] < 1e-4 * (1 + this.greatest);
                var chosen = logits.Select(v => v >= sorted[k - 1]).ToArray();
                var among = Softmax([.. logits.Where((_, e) => chosen[e]).Select(v => v / gate.Temperature)]);
                return [.. logits.Select((_, e) => chosen[e] ? among[chosen.Take(e).Count(c => c)] : 0)];
        }
    }

    private double[] Apply(Network network, double[] x, string owner)
    {
        var (dense, norms, residuals, dropouts) = (0, 0, 0, 0);
        foreach (var layer in network.Layers)
        {
            x = this.Seen(layer switch
            {
                Dense d => this.Activate(this.Affine(x, $"{owner}.dense.{dense++}", d.HasBias), d.Activation),
                Activate a => this.Activate(x, a.Function),
                LayerNorm n => this.Norm(x, $"{owner}.norm.{norms++}", n.Epsilon),
                Residual r => [.. x.Zip(this.Apply(r.Inner, x, $"{owner}.residual.{residuals++}"), (v, inner) => v + inner)],
                Dropout d => this.Drop(x, $"{owner}.dropout.{dropouts++}", d.Rate),
                _ => throw new ArgumentException($"there is no {layer}"),
            });
        }

        return x;
    }

    private double[] Drop(double[] x, string name, double rate) => this.Dropped is null || rate == 0
        ? x
        : [.. x.Zip(this.Dropped(name, rate, x.Length), (value, factor) => value * factor)];

    private double[] Activate(double[] x, Activation function)
    {
        this.nearKink |= function == Activation.ReLU && x.Any(v => v != 0 && Math.Abs(v) < 1e-5 * (1 + this.greatest));
        return [.. x.Select(v => function switch
        {
            Activation.ReLU => Math.Max(v, 0),
            Activation.Tanh => Math.Tanh(v),
            Activation.SiLU => v / (1 + Math.Exp(-v)),
            Activation.GELU => v * (1 + Erf(v / Math.Sqrt(2))) / 2,
            _ => v,
        })];
    }

    private double[] Norm(double[] x, string owner, double epsilon)
    {
        var (scale, shift) = (this.Vector($"{owner}.scale", x.Length), this.Vector($"{owner}.shift", x.Length));
        var variance = x.Average(v => v * v) - (x.Average() * x.Average());
        return [.. x.Select((v, i) => (scale[i] * (v - x.Average()) / Math.Sqrt(variance + epsilon)) + shift[i])];
    }

    private double[] Affine(double[] x, string owner, bool hasBias)
    {
        var weight = this.entries[$"{owner}.weight"];
        Assert.Equal((2, x.Length), (weight.Shape.Count, weight.Shape[0]));
        Assert.Equal(hasBias, this.entries.ContainsKey($"{owner}.bias"));
        var bias = hasBias ? this.Vector($"{owner}.bias", weight.Shape[1]) : new double[weight.Shape[1]];
        return this.Seen(
        [
            .. bias.Select((b, unit) =>
                b + x.Select((v, i) => v * flat[weight.Offset + (i * weight.Strides[0]) + (unit * weight.Strides[1])]).Sum()),
        ]);
    }

    private double[] Vector(string name, int length)
    {
        var entry = this.entries[name];
        Assert.Equal([length], entry.Shape);
        return [.. Enumerable.Range(0, length).Select(i => flat[entry.Offset + (i * entry.Strides[0])])];
    }

    private double[] Seen(double[] x)
    {
        this.greatest = x.Select(Math.Abs).Append(this.greatest).Max();
        return x;
    }
}
