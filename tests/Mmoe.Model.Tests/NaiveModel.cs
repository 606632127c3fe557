namespace Mmoe.Model.Tests;

/// <summary>
/// The model as the paper writes it, in double precision, with an explicit one-hot matrix: independent of the layout's block (it reads
/// every element by name, shape and strides) and of the code under test.
/// </summary>
internal sealed class NaiveModel(ModelSpec spec, ParameterLayout layout, float[] flat)
{
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

    public double[] Gate(double[] x, int gate) =>
        Softmax(this.Affine(x, spec.Gating == Gating.Shared ? "gates.shared" : $"gates.{spec.Towers[gate].Task}"));

    public double[] Logits(double[] x)
    {
        var results = spec.Experts.Select((expert, e) => this.Apply(expert, x, $"experts.{e}")).ToArray();
        var logits = new List<double>();
        for (var t = 0; t < spec.Towers.Count; t++)
        {
            var weights = spec.Gating == Gating.None ? [1.0] : this.Gate(x, t);
            var mixture = Enumerable.Range(0, results[0].Length).Select(i => results.Select((r, e) => weights[e] * r[i]).Sum()).ToArray();
            var task = spec.Towers[t].Task;
            logits.AddRange(this.Affine(this.Apply(spec.Towers[t].Hidden, mixture, $"towers.{task}"), $"towers.{task}.output"));
        }

        return [.. logits];
    }

    public static double[] Softmax(double[] x)
    {
        var e = x.Select(Math.Exp).ToArray();
        return [.. e.Select(v => v / e.Sum())];
    }

    private double[] Apply(Network network, double[] x, string owner)
    {
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var activation = ((Dense)network.Layers[l]).Activation;
            x = [.. this.Affine(x, $"{owner}.dense.{l}").Select(v => activation switch
            {
                Activation.ReLU => Math.Max(v, 0),
                Activation.Tanh => Math.Tanh(v),
                Activation.SiLU => v / (1 + Math.Exp(-v)),
                _ => v,
            })];
        }

        return x;
    }

    private double[] Affine(double[] x, string owner)
    {
        var weight = layout.Entries.Single(e => e.Name == $"{owner}.weight");
        var bias = layout.Entries.Single(e => e.Name == $"{owner}.bias");
        Assert.Equal(x.Length, weight.Shape[0]);
        return
        [
            .. Enumerable.Range(0, weight.Shape[1]).Select(unit =>
                flat[bias.Offset + (unit * bias.Strides[0])]
                + x.Select((v, i) => v * flat[weight.Offset + (i * weight.Strides[0]) + (unit * weight.Strides[1])]).Sum()),
        ];
    }
}
