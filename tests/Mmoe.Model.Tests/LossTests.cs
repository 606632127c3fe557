using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class LossTests
{
    private const int Rows = 6;

    [Property(MaxTest = 200)]
    public void It_is_the_weighted_mean_over_rows_with_a_label_task_by_task(ModelCase model)
    {
        var (logits, inputs) = Scored(model);
        var loss = Loss.Of(model.Spec, Rows, logits, inputs.Targets, inputs.Weights);

        var (first, towers) = (0, model.Spec.Towers);
        for (var t = 0; t < towers.Count; t++)
        {
            var (sum, weight) = (0.0, 0.0);
            for (var row = 0; row < Rows; row++)
            {
                var target = inputs.Targets[(row * towers.Count) + t];
                if (!float.IsNaN(target))
                {
                    var at = (row * model.Spec.LogitWidth) + first;
                    var own = logits[at..(at + towers[t].Head.Width)].Select(v => (double)v).ToArray();
                    weight += inputs.Weights[row];
                    sum += inputs.Weights[row] * NaiveModel.LossOfRow(towers[t].Head, own, target);
                }
            }

            Assert.Equal(weight, loss.Weights[t], 1e-9);
            Assert.Equal(weight == 0 ? 0 : sum / weight, loss.Tasks[t], 1e-6 * (1 + Math.Abs(loss.Tasks[t])));
            first += towers[t].Head.Width;
        }

        Assert.Equal(loss.Tasks.Sum(), loss.Total);
    }

    [Fact]
    public void Extreme_logits_give_finite_losses()
    {
        var spec = ModelFamilies.SharedBottom(Samples.Loans.Tasks, Samples.Relu(4), Network.Identity);

        Assert.Equal([1000, 1000, 0], Loss.Of(spec, 1, [-1000, 1000, 0, 0, 0], [1, 1, 0], [1]).Tasks);
        Assert.Equal([0, 0, 0], Loss.Of(spec, 1, [1000, 0, 1000, 0, 0], [1, 1, 0], [1]).Tasks);
    }

    [Theory]
    [InlineData(0, 1, 1, 2.0794415416798357)] // 3·ln 2
    [InlineData(0, 0, 1, 0.6931471805599453)] // ln 2
    [InlineData(0.5, 1, 1, 1.7328679513998633)] // 3·¾·ln 2 + ¼·ln 2
    [InlineData(0.5, 0, 2, 1.0397207708399179)] // as it is a mean: 3·¼·ln 2 + ¾·ln 2
    public void A_positive_row_counts_more_and_a_smoothed_label_is_part_of_both(
        double smoothing, float label, float weight, double expected) =>
        Assert.Equal(expected, Of(new BinaryHead(PositiveWeight: 3, smoothing), [0], label, weight), 1e-12);

    [Theory]
    [InlineData(0, 1.0986122886681098)] // ln 3
    [InlineData(0.3, 1.0986122886681098)]
    public void A_smoothed_class_changes_nothing_for_even_logits(double smoothing, double expected) =>
        Assert.Equal(expected, Of(new MulticlassHead(3, smoothing), [1, 1, 1], 2, 1), 1e-12);

    [Fact]
    public void A_smoothed_class_takes_its_share_of_every_class() =>

        // Logits ln 1, ln 2, ln 5 have the probabilities ⅛, ¼ and ⅝; trained is towards 0.1, 0.1 and 0.8.
        Assert.Equal(
            -(0.1 * Math.Log(0.125)) - (0.1 * Math.Log(0.25)) - (0.8 * Math.Log(0.625)),
            Of(new MulticlassHead(3, 0.3), [0, (float)Math.Log(2), (float)Math.Log(5)], 2, 1),
            1e-6);

    [Theory]
    [InlineData(0.5f, 0.125)]
    [InlineData(1f, 0.5)]
    [InlineData(-1f, 0.5)]
    [InlineData(3f, 2.5)]
    [InlineData(-3f, 2.5)]
    public void Huber_is_half_a_square_up_to_the_limit_and_straight_beyond(float error, double expected) =>
        Assert.Equal(expected, Of(new RegressionHead(HuberDelta: 1), [error + 2], 2, 1), 1e-6);

    [Property]
    public void Fixed_weights_add_up_and_an_unnamed_task_weighs_1(ModelCase model)
    {
        var (logits, inputs) = Scored(model);
        var loss = Loss.Of(model.Spec, Rows, logits, inputs.Targets, inputs.Weights);
        var weighted = model.Spec with { Weighting = new FixedWeighting([new("t0", 0.25)]) };

        Assert.Equal((0.25 * loss.Tasks[0]) + loss.Tasks.Skip(1).Sum(), loss.Weighted(weighted, []), 1e-9 * (1 + loss.Total));
        Assert.Equal(loss.Total, loss.Weighted(model.Spec with { Weighting = TaskWeighting.Equal }, []), 1e-9 * (1 + loss.Total));
        Assert.Equal(loss.Total, loss.Weighted(model.Spec with { Weighting = new PcGradWeighting() }, []), 1e-9 * (1 + loss.Total));
    }

    [Property]
    public void Uncertainty_weighs_as_the_papers_formulas_do(ModelCase model)
    {
        // Kendall et al. 2018, equation 7: L/2σ² + log σ for a squared error; equation 10: L/σ² + log σ for a cross-entropy.
        var (logits, inputs) = Scored(model);
        var loss = Loss.Of(model.Spec, Rows, logits, inputs.Targets, inputs.Weights);
        double[] sigmas = [0.5, 1, 3];
        var expected = model.Spec.Towers.Select((tower, t) => loss.Weights[t] == 0 ? 0 : tower.Head switch
        {
            // Huber's is half the square already.
            RegressionHead { HuberDelta: null } => (loss.Tasks[t] / (2 * sigmas[t] * sigmas[t])) + Math.Log(sigmas[t]),
            _ => (loss.Tasks[t] / (sigmas[t] * sigmas[t])) + Math.Log(sigmas[t]),
        }).Sum();
        var logVariances = sigmas.Select(sigma => (float)Math.Log(sigma * sigma)).Take(model.Spec.Towers.Count).ToArray();

        Assert.Equal(
            expected,
            loss.Weighted(model.Spec with { Weighting = new UncertaintyWeighting() }, logVariances),
            1e-5 * (1 + Math.Abs(expected)));
    }

    [Theory]
    [InlineData(typeof(FixedWeighting))]
    [InlineData(typeof(UncertaintyWeighting))]
    [InlineData(typeof(PcGradWeighting))]
    public void A_task_without_a_labelled_row_adds_nothing(Type weighting)
    {
        var spec = ModelFamilies.SharedBottom(Samples.Loans.Tasks, Samples.Relu(4), Network.Identity) with
        {
            Weighting = weighting == typeof(FixedWeighting) ? TaskWeighting.Equal : (TaskWeighting)Activator.CreateInstance(weighting)!,
        };
        var loss = Loss.Of(spec, 2, [5, 1, 2, 3, 4, 5, 1, 2, 3, 4], [float.NaN, 0, float.NaN, float.NaN, 0, 7], [1, 0]);

        // The third task has a label in a row that weighs nothing, which is no label.
        Assert.Equal((new([0, loss.Tasks[1], 0]), new EquatableArray<double>([0, 1, 0])), (loss.Tasks, loss.Weights));
        Assert.Equal(loss.Tasks[1], loss.Weighted(spec, [100, 0, 100]));
    }

    private static double Of(Head head, float[] logits, float label, float weight)
    {
        var spec = Trunk.Identity >> [new Tower("t", Network.Identity, head, "input")];
        return Loss.Of(spec, 1, logits, [label], [weight]).Total;
    }

    private static (float[] Logits, ModelInputs Inputs) Scored(ModelCase model)
    {
        var layout = Samples.Layout(model.Dataset, weightBy: "w");
        var inputs = Samples.Valid(ModelInputs.Of(
            Samples.Table(model.Dataset, Rows, model.Seed), layout, Samples.Targets(model.Dataset)));
        return (new ManagedForward(model.Spec, layout).Logits(model.Parameters(), inputs), inputs);
    }
}
