using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ManagedForwardTests
{
    [Property(MaxTest = 200)]
    public void It_agrees_with_the_naive_model_over_an_explicit_one_hot_matrix(ModelCase model)
    {
        var (inputs, parameters) = (model.Rows(5), model.Parameters());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var naive = new NaiveModel(model.Spec, model.Layout, parameters);
        var rows = NaiveModel.OneHot(inputs, model.Inputs.Width);

        AssertClose(rows.SelectMany(naive.Logits), forward.Logits(parameters, inputs));
        AssertClose(
            rows.SelectMany(x => Enumerable.Range(0, model.Spec.GateCount).SelectMany(gate => naive.Gate(x, gate))),
            forward.GateWeights(parameters, inputs));
    }

    [Property]
    public void Gate_weights_are_positive_and_sum_to_1(ModelCase model)
    {
        var weights = new ManagedForward(model.Spec, model.Inputs).GateWeights(model.Parameters(), model.Rows(4));

        Assert.Equal(4 * model.Spec.GateCount * model.Spec.Experts.Count, weights.Length);
        Assert.All(weights, weight => Assert.True(weight > 0));
        Assert.All(weights.Chunk(model.Spec.Experts.Count), gate => Assert.Equal(1, gate.Sum(), 1e-5));
    }

    [Property]
    public void One_expert_under_any_gate_is_a_shared_bottom(ModelCase model)
    {
        var one = model.Spec with { Experts = new([model.Spec.Experts[0]]) };
        var logits = new[] { Gating.None, Gating.Shared, Gating.PerTask }
            .Select(gating => Logits(model with { Spec = one with { Gating = gating } }))
            .ToArray();

        Assert.Equal(logits[0], logits[1]);
        Assert.Equal(logits[0], logits[2]);
    }

    [Property]
    public void Permuting_experts_together_with_gate_columns_changes_nothing(ModelCase model)
    {
        // By name: what belonged to expert e belongs to expert (e + 1) modulo their number, and so does column e of every gate.
        var count = model.Spec.Experts.Count;
        var order = Enumerable.Range(0, count).Select(e => (e + 1) % count).ToArray();
        var experts = new Network[count];
        for (var e = 0; e < count; e++)
        {
            experts[order[e]] = model.Spec.Experts[e];
        }

        var permuted = model with { Spec = model.Spec with { Experts = new(experts.AsSpan()) } };
        var (from, to) = (model.Layout, permuted.Layout);
        var (parameters, moved) = (model.Parameters(), new float[to.Length]);
        foreach (var entry in from.Entries)
        {
            var values = new float[entry.Count];
            entry.CopyFrom(parameters, values);
            var parts = entry.Name.Split('.');
            if (parts[0] == "experts")
            {
                to[$"experts.{order[int.Parse(parts[1])]}.{string.Join('.', parts[2..])}"].CopyTo(values, moved);
            }
            else if (parts[0] == "gates")
            {
                var columns = new float[values.Length];
                for (var i = 0; i < values.Length; i++)
                {
                    columns[(i / count * count) + order[i % count]] = values[i];
                }

                to[entry.Name].CopyTo(columns, moved);
            }
            else
            {
                to[entry.Name].CopyTo(values, moved);
            }
        }

        var logits = new ManagedForward(permuted.Spec, permuted.Inputs).Logits(moved, permuted.Rows(4));
        AssertClose(Logits(model).Select(v => (double)v), logits);
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
        ManagedForward.Softmax([1000, 1000, -1000], probabilities);

        Assert.Equal([0.5f, 0.5f, 0f], probabilities);
        Assert.Equal(1, ManagedForward.Sigmoid(1000));
        Assert.Equal(0, ManagedForward.Sigmoid(-1000));
        Assert.Equal(0.5f, ManagedForward.Sigmoid(0));
        Assert.Equal(1 / (1 + Math.Exp(2)), ManagedForward.Sigmoid(-2), 1e-6);
    }

    [Fact]
    public void Lengths_that_do_not_fit_the_model_are_named()
    {
        var dataset = Samples.Loans;
        var model = new ModelCase(dataset, ModelFamilies.Mmoe(dataset.Tasks, 2, new([4]), new([8])), 1);
        var forward = new ManagedForward(model.Spec, model.Inputs);

        var error = Assert.Throws<ArgumentException>(() => forward.Logits(new float[3], model.Rows(1)));

        Assert.Contains("parameters holds 3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => forward.Logits(model.Parameters(), model.Rows(2) with { Rows = 1 }));
    }

    [Fact]
    public void Cancellation_ends_the_pass()
    {
        var model = new ModelCase(Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 2, new([4]), new([8])), 1);
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => forward.Logits(model.Parameters(), model.Rows(2), cancelled));
    }

    internal static float[] Logits(ModelCase model) =>
        new ManagedForward(model.Spec, model.Inputs).Logits(model.Parameters(), model.Rows(4));

    internal static void AssertClose(IEnumerable<double> expected, float[] actual)
    {
        var values = expected.ToArray();
        Assert.Equal(values.Length, actual.Length);
        Assert.All(
            Enumerable.Range(0, values.Length),
            i => Assert.InRange(Math.Abs(values[i] - actual[i]), 0, 1e-4 * (1 + Math.Abs(values[i]))));
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
        var spec = ModelFamilies.SharedBottom(Samples.Loans.Tasks, new([4]), default);
        Assert.Throws<ArgumentException>(() => Outputs.Write(spec, Samples.Targets(Samples.Loans), new float[4], new float[4]));
    }
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class LossTests
{
    [Property]
    public void It_is_the_weighted_mean_over_rows_with_a_label_summed_over_tasks(ModelCase model)
    {
        const int Rows = 6;
        var layout = Samples.Layout(model.Dataset, weightBy: "w");
        var inputs = Samples.Valid(ModelInputs.Of(
            Samples.Table(model.Dataset, Rows, model.Seed), layout, Samples.Targets(model.Dataset)));
        var logits = new ManagedForward(model.Spec, layout).Logits(model.Parameters(), inputs);
        var loss = Loss.Of(model.Spec, Rows, logits, inputs.Targets, inputs.Weights);

        var (first, tasks) = (0, model.Dataset.Tasks);
        for (var t = 0; t < tasks.Count; t++)
        {
            var (sum, weight) = (0.0, 0.0);
            for (var row = 0; row < Rows; row++)
            {
                var target = inputs.Targets[(row * tasks.Count) + t];
                var own = logits.Skip((row * model.Spec.LogitWidth) + first).Take(tasks[t].OutputWidth).Select(v => (double)v).ToArray();
                if (!float.IsNaN(target))
                {
                    weight += inputs.Weights[row];
                    sum += inputs.Weights[row] * tasks[t] switch
                    {
                        BinaryTask => -Math.Log(target == 1 ? 1 / (1 + Math.Exp(-own[0])) : 1 - (1 / (1 + Math.Exp(-own[0])))),
                        MulticlassTask => -Math.Log(NaiveModel.Softmax(own)[(int)target]),
                        _ => Math.Pow(own[0] - target, 2),
                    };
                }
            }

            Assert.Equal(weight == 0 ? 0 : sum / weight, loss.Tasks[t], 1e-6 * (1 + Math.Abs(loss.Tasks[t])));
            first += tasks[t].OutputWidth;
        }

        Assert.Equal(loss.Tasks.Sum(), loss.Total);
    }

    [Fact]
    public void Extreme_logits_give_finite_losses()
    {
        var spec = ModelFamilies.SharedBottom(Samples.Loans.Tasks, new([4]), default);
        var loss = Loss.Of(spec, 1, [-1000, 1000, 0, 0, 0], [1, 1, 0], [1]);

        Assert.Equal([1000, 1000, 0], loss.Tasks);
        Assert.Equal([0, 0, 0], Loss.Of(spec, 1, [1000, 0, 1000, 0, 0], [1, 1, 0], [1]).Tasks);
    }
}
