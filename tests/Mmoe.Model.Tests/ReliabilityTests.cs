using FsCheck.Xunit;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ReliabilityTests
{
    [Property(MaxTest = 500)]
    public void Bins_are_those_of_their_definition(ScoredRows rows)
    {
        // With 15 intervals no eighth but 0 and 1 is an end of one; with 4 every second is.
        foreach (var count in new[] { 1, 4, 15 })
        {
            var bins = ReliabilityBins.Of(new ClassProbability("yes", rows.Scores, 1, 0), rows.Labels, rows.Weights, count).Bins;
            Assert.Equal(count, bins.Count);
            for (var b = 0; b < count; b++)
            {
                AssertBin(Naive(rows, b, count), bins[b]);
            }
        }
    }

    [Property(MaxTest = 500)]
    public void The_error_of_a_binary_task_is_that_of_its_definition(ScoredRows rows)
    {
        var metrics = BinaryMetrics.Of(new ClassProbability("yes", rows.Scores, 1, 0), rows.Labels, rows.Weights);

        AssertSame(NaiveError(rows), metrics.Reliability.ExpectedCalibrationError);
        AssertSame(NaiveError(rows), metrics.Values.Single(v => v.Name == "ece").Value);
    }

    [Property(MaxTest = 500)]
    public void The_error_of_a_multiclass_task_is_that_of_the_most_probable_class(ScoredRows seed)
    {
        var count = seed.Scores.Length;
        var labels = Enumerable.Range(0, count).Select(i => float.IsNaN(seed.Labels[i]) ? float.NaN : (i * 7 / 2) % 3).ToArray();
        var probabilities = Enumerable.Range(0, count)
            .SelectMany(i => new[] { 0.5f * seed.Scores[i], 0.5f * (1 - seed.Scores[i]), 0.5f }.Select((p, c) => i % 4 == 0 && c == 2 ? 0.25f : p))
            .ToArray();
        var metrics = MulticlassMetrics.Of(["a", "b", "c"], probabilities, labels, seed.Weights);

        int Guess(int i) => Enumerable.Range(0, 3).MaxBy(c => probabilities[(i * 3) + c]);
        var asBinary = new ScoredRows(
            [.. Enumerable.Range(0, count).Select(i => probabilities[(i * 3) + Guess(i)])],
            [.. labels.Select((l, i) => float.IsNaN(l) ? l : l == Guess(i) ? 1 : 0)],
            seed.Weights);
        AssertSame(NaiveError(asBinary), metrics.Reliability.ExpectedCalibrationError);
        AssertSame(NaiveError(asBinary), metrics.Values.Single(v => v.Name == "ece").Value);
    }

    [Property]
    public void A_weight_is_as_many_rows(ScoredRows rows)
    {
        var repeated = Enumerable.Range(0, rows.Scores.Length).SelectMany(i => Enumerable.Repeat(i, (int)rows.Weights[i])).ToArray();
        var counted = new ScoredRows(
            [.. repeated.Select(i => rows.Scores[i])], [.. repeated.Select(i => rows.Labels[i])], [.. repeated.Select(_ => 1f)]);

        AssertSame(Binary(counted).ExpectedCalibrationError, Binary(rows).ExpectedCalibrationError);
    }

    [Fact]
    public void Who_is_right_as_often_as_predicted_has_no_error()
    {
        // Of four rows with 0.25 one is positive, of four with 0.75 three are.
        var rows = new ScoredRows([0.25f, 0.25f, 0.25f, 0.25f, 0.75f, 0.75f, 0.75f, 0.75f], [1, 0, 0, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1, 1]);

        Assert.Equal(0, Binary(rows).ExpectedCalibrationError);
    }

    [Fact]
    public void Who_is_certain_and_always_wrong_has_the_error_1() =>
        Assert.Equal(1, Binary(new([1, 1, 0, 0], [0, 0, 1, 1], [1, 2, 3, 4])).ExpectedCalibrationError);

    [Fact]
    public void By_hand()
    {
        // (0.2, 0.2667]: 0.25 twice, half of the weight positive. (0.8667, 0.9333]: 0.875, negative. The row of weight 0 is none.
        var bins = Binary(new([0.25f, 0.25f, 0.875f, 0.5f, 0.5f], [1, 0, 0, 1, float.NaN], [1, 1, 2, 0, 5]));

        Assert.Equal(new ReliabilityBin(3 / 15.0, 4 / 15.0, 2, 2, 0.25, 0.5), bins.Bins[3]);
        Assert.Equal(new ReliabilityBin(13 / 15.0, 14 / 15.0, 1, 2, 0.875, 0), bins.Bins[13]);
        Assert.Equal(3, bins.Bins.Sum(b => b.Count));
        Assert.Equal(((2 * 0.25) + (2 * 0.875)) / 4, bins.ExpectedCalibrationError);
    }

    [Fact]
    public void The_ends_of_intervals_belong_to_the_lower_one_and_0_to_the_first()
    {
        var bins = ReliabilityBins.Of(
            new ClassProbability("yes", [0, 0.25f, MathF.BitIncrement(0.25f), 1, MathF.BitIncrement(1)], 1, 0), new float[5], [1, 1, 1, 1, 1], 4);

        Assert.Equal([2, 1, 0, 2], bins.Bins.Select(b => b.Count));
    }

    [Fact]
    public void Without_a_row_there_is_no_error() =>
        Assert.Equal(double.NaN, Binary(new([0.5f, 0.5f], [float.NaN, 1], [1, 0])).ExpectedCalibrationError);

    private static ReliabilityBins Binary(ScoredRows rows) =>
        ReliabilityBins.Of(new ClassProbability("yes", rows.Scores, 1, 0), rows.Labels, rows.Weights);

    private static (int Count, double Weight, double Predicted, double Observed) Naive(ScoredRows rows, int bin, int count)
    {
        // (bin / count, (bin + 1) / count], in whole numbers of decimal, so that no end is rounded.
        bool IsIn(float score) => (decimal)score * count > bin && (decimal)score * count <= bin + 1;
        var members = Enumerable.Range(0, rows.Scores.Length)
            .Where(i => !float.IsNaN(rows.Labels[i]) && rows.Weights[i] > 0 && (IsIn(rows.Scores[i]) || (bin == 0 && rows.Scores[i] == 0)))
            .ToArray();
        var weight = members.Sum(i => (double)rows.Weights[i]);
        return (
            members.Length,
            weight,
            members.Sum(i => rows.Weights[i] * (double)rows.Scores[i]) / weight,
            members.Where(i => rows.Labels[i] == 1).Sum(i => (double)rows.Weights[i]) / weight);
    }

    private static double NaiveError(ScoredRows rows)
    {
        var bins = Enumerable.Range(0, 15).Select(b => Naive(rows, b, 15)).Where(b => b.Count > 0).ToArray();
        return bins.Sum(b => b.Weight * Math.Abs(b.Predicted - b.Observed)) / bins.Sum(b => b.Weight);
    }

    private static void AssertBin((int Count, double Weight, double Predicted, double Observed) expected, ReliabilityBin actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        AssertSame(expected.Weight, actual.Weight);
        AssertSame(expected.Predicted, actual.MeanPredicted);
        AssertSame(expected.Observed, actual.ObservedShare);
    }

    private static void AssertSame(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.Equal(double.NaN, actual);
        }
        else
        {
            Assert.Equal(expected, actual, 1e-9);
        }
    }
}
