using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

/// <summary>Gate usage against sums over the rows' weights, which other tests compare with an independent forward pass.</summary>
public class GateUsageTests
{
    [Property(Arbitrary = [typeof(Arbitraries)])]
    public void Usage_is_the_weighted_mean_over_the_rows_and_the_share_of_rows_in_which_an_expert_leads(ModelCase model)
    {
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var rows = model.Rows(20) with { Weights = [.. Enumerable.Range(0, 20).Select(row => row % 4f)] };
        var all = forward.GateWeights(model.Parameters(), rows);
        var usage = Samples.Valid(GateUsage.Of(forward, model.Parameters(), rows));
        Assert.Equal(forward.Gates.Select(gate => (gate.Level, gate.Stream)), usage.Select(gate => (gate.Level, gate.Stream)));
        foreach (var (gate, columns) in usage.Zip(forward.Gates))
        {
            double[] Weights(int row) => [.. columns.Experts.Select((_, e) => (double)all[(row * forward.GateWidth) + columns.First + e])];
            Assert.Equal(columns.Experts, gate.Experts.Select(e => e.Expert));
            for (var e = 0; e < gate.Experts.Count; e++)
            {
                // Row r weighs r mod 4: 30 in all.
                var mean = Enumerable.Range(0, 20).Sum(row => row % 4 * Weights(row)[e]) / 30;
                var top = Enumerable.Range(0, 20)
                    .Where(row => Weights(row)[e] == Weights(row).Max())
                    .Sum(row => row % 4 / (double)Weights(row).Count(w => w == Weights(row).Max())) / 30;
                Assert.Equal(mean, gate.Experts[e].MeanWeight, 1e-12);
                Assert.Equal(top, gate.Experts[e].TopShare, 1e-12);
            }

            Assert.Equal(1, gate.Experts.Sum(e => e.MeanWeight), 1e-5);
            Assert.Equal(1, gate.Experts.Sum(e => e.TopShare), 1e-9);
            Assert.InRange(gate.Evenness, 0, 1);
        }
    }

    [Fact]
    public void More_rows_than_a_block_give_the_same_as_their_repetition_does()
    {
        var model = Mixed(new SoftmaxGate());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var few = model.Rows(100) with { Weights = [.. Enumerable.Repeat(1f, 100)] };
        var many = new ModelInputs(
            3_000,
            [.. Enumerable.Repeat(few.Indices, 30).SelectMany(i => i)],
            [.. Enumerable.Repeat(few.Numerics, 30).SelectMany(n => n)],
            [],
            [.. Enumerable.Repeat(2f, 3_000)]);
        ExpertUsage[] Of(ModelInputs rows) =>
            [.. Samples.Valid(GateUsage.Of(forward, model.Parameters(), rows)).SelectMany(gate => gate.Experts)];
        foreach (var (a, b) in Of(few).Zip(Of(many)))
        {
            Assert.Equal(a.MeanWeight, b.MeanWeight, 1e-9);
            Assert.Equal(a.TopShare, b.TopShare, 1e-9);
        }
    }

    [Fact]
    public void A_gate_whose_logits_are_equal_is_even_and_its_experts_share_the_lead()
    {
        var model = Mixed(new SoftmaxGate());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var gate = Samples.Valid(GateUsage.Of(forward, new float[forward.Layout.Length], model.Rows(50)))[0];
        Assert.All(gate.Experts, e => Assert.Equal((0.25, 0.25), (e.MeanWeight, e.TopShare)));
        Assert.Equal(1, gate.Evenness, 1e-12);
    }

    [Fact]
    public void Evenness_is_the_entropy_over_its_greatest_value()
    {
        GateUsage Of(params double[] means) => new(0, "y", [.. means.Select((mean, e) => new ExpertUsage($"{e}", mean, 0))]);
        Assert.Equal(1, Of(0.5, 0.5).Evenness, 1e-12);
        Assert.Equal(0, Of(0, 1, 0).Evenness, 1e-12);
        Assert.Equal(1.75 / 2, Of(0.5, 0.25, 0.125, 0.125).Evenness, 1e-12);
        Assert.Equal(1, Of(1).Evenness);
        Assert.Equal(0, Of(1.0000001, 0).Evenness);
    }

    [Fact]
    public void Rows_that_all_weigh_nothing_have_no_mean()
    {
        var model = Mixed(new SoftmaxGate());
        var rows = model.Rows(3) with { Weights = [0, 0, 0] };
        Assert.Equal(
            "no row has a weight above 0; there is no mean over them; give rows that count",
            Samples.TheFault(GateUsage.Of(new(model.Spec, model.Inputs), model.Parameters(), rows)).ToString());
    }

    [Fact]
    public void A_gate_that_has_overflowed_is_named()
    {
        var model = Mixed(new SoftmaxGate());
        var forward = new ManagedForward(model.Spec, model.Inputs);
        var parameters = model.Parameters();
        var bias = forward.Layout[ParameterNames.Bias("gates.t1")];
        bias.CopyTo([float.NaN, 0, 0, 0], parameters);
        Assert.Equal(
            "a weight that the gate 't1' of level 0 gives is not finite; its parameters have overflowed; "
            + "go back to an earlier checkpoint, or train with a lower learning rate",
            Samples.TheFault(GateUsage.Of(forward, parameters, model.Rows(5))).ToString());
    }

    [Fact]
    public void Stitches_give_their_learned_weights_level_by_level()
    {
        var tasks = Samples.Loans.Tasks;
        var spec = ModelFamilies.CrossStitch(tasks, [new Dense(3, Activation.ReLU), new Dense(2, Activation.ReLU)], Network.Identity);
        var inputs = Samples.Layout(Samples.Loans);
        var layout = ParameterLayout.Of(spec, inputs.Width);
        var parameters = new float[layout.Length];
        layout["gates.t1.stitch"].CopyTo([1, 2, 3], parameters);
        layout["levels.1.gates.t0.stitch"].CopyTo([-4, 5, 6], parameters);
        var stitches = StitchWeights.Of(spec, layout, parameters);
        Assert.Equal(
            [(0, "t0"), (0, "t1"), (0, "t2"), (1, "t0"), (1, "t1"), (1, "t2")], stitches.Select(stitch => (stitch.Level, stitch.Stream)));
        Assert.Equal([1, 2, 3], stitches[1].Weights);
        Assert.Equal([-4, 5, 6], stitches[3].Weights);
        Assert.Equal(["t0", "t1", "t2"], stitches[3].Experts);
        Assert.Empty(StitchWeights.Of(Mixed(new SoftmaxGate()).Spec, layout, parameters));
    }

    private static ModelCase Mixed(SoftmaxGate gate) => new(
        Samples.Loans, ModelFamilies.Mmoe(Samples.Loans.Tasks, 4, new Dense(3, Activation.ReLU), Network.Identity, gate), Seed: 5);
}
