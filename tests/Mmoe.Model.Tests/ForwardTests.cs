using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ManagedForwardTests
{
    [Property(MaxTest = 400)]
    public void It_agrees_with_the_naive_model_over_an_explicit_one_hot_matrix(ModelCase model)
    {
        var (inputs, parameters) = (model.Rows(4), model.Parameters());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var naive = new NaiveModel(model.Spec, model.Layout, parameters);
        var logits = forward.Logits(parameters, inputs).Chunk(model.Spec.LogitWidth).ToArray();
        var gates = forward.GateWidth == 0 ? [.. logits.Select(_ => System.Array.Empty<float>())]
            : forward.GateWeights(parameters, inputs).Chunk(forward.GateWidth).ToArray();
        foreach (var (x, row) in NaiveModel.OneHot(inputs, model.Inputs.Width).Select((x, row) => (x, row)))
        {
            // Where two logits are all but equal, float32 may choose another expert than double precision does.
            var expected = naive.Run(x);
            if (!expected.IsNearTie)
            {
                AssertClose(expected.Logits, logits[row], expected.Greatest);
                AssertClose(expected.Gates.SelectMany(weights => weights), gates[row], expected.Greatest);
            }
        }
    }

    [Property(MaxTest = 200)]
    public void Gate_weights_are_positive_for_those_that_take_part_and_sum_to_1(ModelCase model)
    {
        var (inputs, parameters) = (model.Rows(4), model.Parameters());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var weights = forward.GateWeights(parameters, inputs);
        var naive = new NaiveModel(model.Spec, model.Layout, parameters);
        var rows = NaiveModel.OneHot(inputs, model.Inputs.Width).Select(naive.Run).ToArray();
        var topK = model.Spec.Levels.SelectMany(level => level.Mixtures)
            .Select(mixture => mixture.Gate).OfType<SoftmaxGate>().Select(gate => gate.TopK).ToArray();

        Assert.Equal(4 * forward.GateWidth, weights.Length);
        for (var row = 0; row < 4; row++)
        {
            foreach (var (gate, g) in forward.Gates.Select((gate, g) => (gate, g)))
            {
                var own = weights.AsSpan((row * forward.GateWidth) + gate.First, gate.Experts.Count).ToArray();
                Assert.Equal(1, own.Sum(), 1e-5);
                Assert.All(own, weight => Assert.InRange(weight, 0, 1));

                // A weight that float32 cannot hold is 0 though its expert takes part.
                var underflow = rows[row].Gates[g].Any(weight => weight is > 0 and < 1e-30);
                if (!underflow && !rows[row].HasTie && !rows[row].IsNearTie)
                {
                    Assert.Equal(topK[g] ?? gate.Experts.Count, own.Count(weight => weight > 0));
                }
            }
        }
    }

    [Property]
    public void Gates_are_reported_level_by_level_with_the_names_of_their_experts(ModelCase model)
    {
        var expected = model.Spec.Levels.SelectMany((level, n) => level.Mixtures
            .Where(m => m.Gate is SoftmaxGate).Select(m => (n, m.Stream, m.Experts))).ToArray();
        var forward = new ManagedForward(model.Spec, model.Inputs);

        Assert.Equal(expected, forward.Gates.Select(gate => (gate.Level, gate.Stream, gate.Experts)));
        Assert.Equal(forward.Gates.Select((_, g) => expected.Take(g).Sum(e => e.Experts.Count)), forward.Gates.Select(gate => gate.First));
    }

    [Fact]
    public void Logits_equal_to_the_last_that_takes_part_take_part_too()
    {
        var spec = ModelFamilies.OneGate(Samples.Loans.Tasks, 3, Samples.Relu(4), Network.Identity, new SoftmaxGate(TopK: 1));
        var model = new ModelCase(Samples.Loans, spec, 1);
        var parameters = new float[model.Layout.Length];
        model.Layout["gates.shared.bias"].CopyTo([2, 2, 1], parameters);

        Assert.Equal([0.5f, 0.5f, 0], new ManagedForward(spec, model.Inputs).GateWeights(parameters, model.Rows(1)));
    }

    [Fact]
    public void A_stream_that_only_gates_read_is_read()
    {
        // The tasks of PLE without experts of their own: on the second level their streams steer and are not computed on.
        var model = new ModelCase(Samples.Loans, ModelFamilies.Ple(Samples.Loans.Tasks, 2, 0, 2, Samples.Relu(4), Samples.Relu(3)), 1);
        var (inputs, parameters) = (model.Rows(5), model.Parameters());
        var naive = new NaiveModel(model.Spec, model.Layout, parameters);
        var rows = NaiveModel.OneHot(inputs, model.Inputs.Width).Select(naive.Run).ToArray();

        AssertClose(
            rows.SelectMany(row => row.Logits),
            new ManagedForward(model.Spec, model.Inputs).Logits(parameters, inputs),
            rows.Max(row => row.Greatest));
    }

    [Property]
    public void Rows_do_not_depend_on_each_other(ModelCase model)
    {
        var (forward, parameters, inputs) = (new ManagedForward(model.Spec, model.Inputs), model.Parameters(), model.Rows(3));
        var all = forward.Logits(parameters, inputs);
        var (indices, numerics) = (inputs.Indices.Length / 3, inputs.Numerics.Length / 3);
        var last = new ModelInputs(1, inputs.Indices[^indices..], inputs.Numerics[^numerics..], [], [1]);

        Assert.Equal(all[^model.Spec.LogitWidth..], forward.Logits(parameters, last));
    }

    [Fact]
    public void Softmax_and_sigmoid_do_not_overflow()
    {
        var probabilities = new float[3];
        Elementwise.Softmax([1000, 1000, -1000], probabilities);

        Assert.Equal([0.5f, 0.5f, 0f], probabilities);
        Assert.Equal(1, Elementwise.Sigmoid(1000));
        Assert.Equal(0, Elementwise.Sigmoid(-1000));
        Assert.Equal(0.5f, Elementwise.Sigmoid(0));
        Assert.Equal(1 / (1 + Math.Exp(2)), Elementwise.Sigmoid(-2), 1e-6);
    }

    [Fact]
    public void Lengths_that_do_not_fit_the_model_are_named()
    {
        var dataset = Samples.Loans;
        var model = new ModelCase(dataset, ModelFamilies.Mmoe(dataset.Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 1);
        var forward = new ManagedForward(model.Spec, model.Inputs);

        var error = Assert.Throws<ArgumentException>(() => forward.Logits(new float[3], model.Rows(1)));

        Assert.Contains("parameters holds 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => forward.Logits(model.Parameters(), model.Rows(2) with { Rows = 1 }));
    }

    [Fact]
    public void Cancellation_ends_the_pass()
    {
        var model = new ModelCase(Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, Samples.Relu(4), Samples.Relu(8)), 1);
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => forward.Logits(model.Parameters(), model.Rows(2), cancelled));
    }

    internal static float[] Logits(ModelCase model) =>
        new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters(), model.Rows(4));

    /// <summary>Equality but for the rounding of float32.</summary>
    /// <param name="expected">In double precision.</param>
    /// <param name="actual">In float32.</param>
    /// <param name="greatest">The greatest number met on the way: rounding errors are in proportion to it.</param>
    internal static void AssertClose(IEnumerable<double> expected, float[] actual, double greatest = 0)
    {
        var values = expected.ToArray();
        Assert.Equal(values.Length, actual.Length);
        Assert.All(
            Enumerable.Range(0, values.Length),
            i => Assert.InRange(Math.Abs(values[i] - actual[i]), 0, 1e-4 * (1 + Math.Max(greatest, Math.Abs(values[i])))));
    }
}

public class ElementwiseTests
{
    [Fact]
    public void The_error_function_is_its_integral_to_the_last_digits()
    {
        for (var i = -700; i <= 700; i++)
        {
            Assert.Equal(NaiveModel.Erf(i / 100.0), Elementwise.Erf(i / 100.0), 1e-11);
        }

        // Abramowitz and Stegun 1964, table 7.1.
        Assert.Equal(0.8427007929, Elementwise.Erf(1), 1e-10);
        Assert.Equal(0.5204998778, Elementwise.Erf(0.5), 1e-10);
        Assert.Equal((0, 1, -1), (Elementwise.Erf(0), Elementwise.Erf(40), Elementwise.Erf(-40)));
        Assert.True(double.IsNaN(Elementwise.Erf(double.NaN)));
    }

    [Theory]
    [InlineData(Activation.Identity, -2f)]
    [InlineData(Activation.ReLU, 0f)]
    [InlineData(Activation.Tanh, -0.9640276f)]
    [InlineData(Activation.SiLU, -0.23840584f)]
    [InlineData(Activation.GELU, -0.04550026f)]
    public void An_activation_at_minus_two(Activation activation, float expected)
    {
        var values = new[] { -2f };
        Elementwise.Apply(activation, values);

        Assert.Equal(expected, values[0], 1e-7f);
    }

    [Fact]
    public void Every_activation_has_a_name_and_an_unknown_one_is_refused()
    {
        Assert.Equal(Enum.GetValues<Activation>(), Activations.All.Select(named => named.Activation).Order());
        Assert.Equal(
            ["gelu", "identity", "relu", "silu", "tanh"], Activations.All.Select(named => named.Name).Order(StringComparer.Ordinal));
        Assert.All(Activations.All, named => Assert.Equal(named.Name, named.Activation.Name()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Elementwise.Apply((Activation)99, new float[1]));
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class OutputsTests
{
    [Property]
    public void They_are_probabilities_or_the_labels_units(ModelCase model)
    {
        var logits = ManagedForwardTests.Logits(model);
        var outputs = new float[logits.Length];
        var scaling = Samples.Targets(model.Dataset);
        Outputs.Write(model.Spec, scaling, logits, outputs);

        var position = 0;
        for (var row = 0; row < 4; row++)
        {
            foreach (var (task, t) in model.Dataset.Tasks.Select((task, t) => (task, t)))
            {
                var (own, result) = (logits[position..(position + task.OutputWidth)], outputs[position..(position + task.OutputWidth)]);
                var expected = task switch
                {
                    BinaryTask => [1 / (1 + Math.Exp(-own[0]))],
                    MulticlassTask => NaiveModel.Softmax([.. own.Select(v => (double)v)]),
                    _ => new[] { (own[0] * 10.0) + 3 },
                };
                ManagedForwardTests.AssertClose(expected, result);
                position += task.OutputWidth;
            }
        }

        Outputs.Write(model.Spec, scaling, logits, logits);
        Assert.Equal(outputs, logits);
    }

    [Fact]
    public void A_wrong_length_is_refused()
    {
        var spec = ModelFamilies.SharedBottom(Samples.Loans.Tasks, Samples.Relu(4), Network.Identity);
        Assert.Throws<ArgumentException>(() => Outputs.Write(spec, Samples.Targets(Samples.Loans), new float[4], new float[4]));
    }
}
