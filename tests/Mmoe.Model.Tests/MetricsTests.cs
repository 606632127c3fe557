using System.Text.Json;
using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class MetricsTests
{
    private static readonly double Epsilon = Math.Pow(2, -23);

    [Property(MaxTest = 500)]
    public void Auc_is_the_share_of_pairs_in_the_right_order_ties_counting_half(ScoredRows rows) =>
        AssertSame(PairCount(rows), Binary(rows).Auc);

    [Property]
    public void Flattened_auc_is_that_of_both_columns_one_after_the_other(ScoredRows rows)
    {
        var both = new ScoredRows(
            [.. rows.Scores, .. rows.Scores.Select(s => 1 - s)],
            [.. rows.Labels, .. rows.Labels.Select(l => 1 - l)],
            [.. rows.Weights, .. rows.Weights]);

        AssertSame(PairCount(both), Binary(rows).AucFlattened);
    }

    [Property]
    public void Binary_metrics_are_those_of_their_definitions(ScoredRows rows)
    {
        var metrics = Binary(rows);

        AssertSame(Mean(rows, (s, l) => -Math.Log(Math.Clamp(l == 1 ? s : 1 - s, Epsilon, 1 - Epsilon))), metrics.LogLoss);
        AssertSame(Mean(rows, (s, l) => (s > 0.5) == (l == 1) ? 1 : 0), metrics.Accuracy);
        AssertSame(Mean(rows, (s, l) => (s - l) * (s - l)), metrics.Brier);
        AssertSame(metrics.Auc, metrics.Score);
    }

    [Fact]
    public void A_constant_prediction_is_worth_nothing_and_flattened_it_looks_excellent()
    {
        var rows = new ScoredRows(
            [.. Enumerable.Repeat(0.06f, 1000)],
            [.. Enumerable.Range(0, 1000).Select(i => i < 60 ? 1f : 0f)],
            [.. Enumerable.Repeat(1f, 1000)]);
        var metrics = Binary(rows);

        Assert.Equal(0.5, metrics.Auc, 1e-12);
        Assert.Equal(0.94, metrics.AucFlattened, 1e-12);
    }

    [Fact]
    public void The_order_of_a_million_rows_takes_no_quadratic_time()
    {
        var random = DeterministicRandom.FromSeed(1, "scores");
        var count = 1_000_000;
        var rows = new ScoredRows(new float[count], new float[count], new float[count]);
        for (var i = 0; i < count; i++)
        {
            (rows.Scores[i], rows.Labels[i], rows.Weights[i]) = ((float)random.NextDouble(), i % 2, 1);
        }

        Assert.Equal(0.5, Binary(rows).Auc, 0.005);
    }

    [Fact]
    public void With_one_class_only_a_ranking_is_not_defined_and_the_rest_is()
    {
        var metrics = Binary(new([0.2f, 0.9f, 0.4f], [1, 1, float.NaN], [1, 1, 1]));

        Assert.Equal(double.NaN, metrics.Auc);
        Assert.Equal(double.NaN, metrics.Score);
        Assert.Equal(0.5, metrics.Accuracy);
    }

    [Property]
    public void Multiclass_metrics_are_those_of_their_definitions(ScoredRows seed)
    {
        // Three classes, made from the scores of neighbours; targets cycle, and some are missing.
        var count = seed.Scores.Length;
        var labels = Enumerable.Range(0, count).Select(i => float.IsNaN(seed.Labels[i]) ? float.NaN : (i * 7 / 2) % 3).ToArray();
        var probabilities = Enumerable.Range(0, count).SelectMany(i =>
        {
            var raw = new[] { seed.Scores[i] + 0.125f, seed.Scores[(i + 1) % count], 0.5f };
            return raw.Select(r => r / raw.Sum());
        }).ToArray();
        var metrics = MulticlassMetrics.Of(["a", "b", "c"], probabilities, labels, seed.Weights);

        float[] Column(int c) => [.. Enumerable.Range(0, count).Select(i => probabilities[(i * 3) + c])];
        var rows = Enumerable.Range(0, count).Where(i => !float.IsNaN(labels[i])).ToArray();
        int Guess(int i) => Enumerable.Range(0, 3).MaxBy(c => probabilities[(i * 3) + c]);
        double Weight(Func<int, bool> which) => rows.Where(which).Sum(i => (double)seed.Weights[i]);

        var areas = Enumerable.Range(0, 3)
            .Select(c => PairCount(new(Column(c), [.. labels.Select(l => float.IsNaN(l) ? l : l == c ? 1 : 0)], seed.Weights)))
            .Where(a => !double.IsNaN(a));
        AssertSame(areas.Any() ? areas.Average() : double.NaN, metrics.MacroAuc);

        var f1 = Enumerable.Range(0, 3).Select(c =>
        {
            var hit = Weight(i => Guess(i) == c && labels[i] == c);
            var (precision, recall) = (hit / Weight(i => Guess(i) == c), hit / Weight(i => labels[i] == c));
            var occurs = Weight(i => Guess(i) == c || labels[i] == c) > 0;
            return !occurs ? double.NaN : hit == 0 ? 0 : 2 * precision * recall / (precision + recall);
        }).Where(f => !double.IsNaN(f));
        AssertSame(f1.Any() ? f1.Average() : double.NaN, metrics.MacroF1);

        AssertSame(Weight(i => Guess(i) == labels[i]) / Weight(_ => true), metrics.Accuracy);
        AssertSame(
            rows.Sum(i => seed.Weights[i] * -Math.Log(Math.Max(probabilities[(i * 3) + (int)labels[i]], Epsilon))) / Weight(_ => true),
            metrics.LogLoss);
        AssertSame(
            rows.Sum(i => seed.Weights[i] * Enumerable.Range(0, 3).Sum(c => Math.Pow(probabilities[(i * 3) + c] - (labels[i] == c ? 1 : 0), 2)))
                / Weight(_ => true),
            metrics.Brier);
        AssertSame(metrics.MacroAuc, metrics.Score);
    }

    [Property]
    public void Regression_metrics_are_those_of_their_definitions(ScoredRows rows)
    {
        var shifted = rows with
        {
            Scores = [.. rows.Scores.Select(s => s + 1000)],
            Labels = [.. rows.Labels.Select((l, i) => l + 1000 + (i % 3))],
        };
        var metrics = RegressionMetrics.Of(shifted.Scores, shifted.Labels, shifted.Weights);
        var mean = Mean(shifted, (_, l) => l);
        var (error, variance) = (Mean(shifted, (s, l) => (s - l) * (s - l)), Mean(shifted, (_, l) => (l - mean) * (l - mean)));

        AssertSame(Math.Sqrt(error), metrics.Rmse);
        AssertSame(Mean(shifted, (s, l) => Math.Abs(s - l)), metrics.Mae);
        AssertSame(variance > 1e-12 ? 1 - (error / variance) : double.NaN, metrics.R2);
        AssertSame(metrics.R2, metrics.Score);
    }

    [Fact]
    public void A_class_probability_is_one_column()
    {
        float[] outputs = [0.1f, 0.2f, 0.7f, 0.3f, 0.3f, 0.4f];
        var column = new ClassProbability("b", outputs, 3, 1);

        Assert.Equal((2, 0.2f, 0.3f, "b"), (column.Rows, column[0], column[1], column.Name));
        Assert.Throws<ArgumentException>(() => new ClassProbability("b", outputs, 4, 1).Rows);
        Assert.Throws<ArgumentException>(() => new ClassProbability("b", outputs, 3, 3).Rows);
    }

    private static BinaryMetrics Binary(ScoredRows rows) =>
        BinaryMetrics.Of(new ClassProbability("yes", rows.Scores, 1, 0), rows.Labels, rows.Weights);

    private static double PairCount(ScoredRows rows)
    {
        var (right, pairs) = (0.0, 0.0);
        for (var p = 0; p < rows.Scores.Length; p++)
        {
            for (var n = 0; n < rows.Scores.Length; n++)
            {
                if (rows.Labels[p] == 1 && rows.Labels[n] == 0)
                {
                    var weight = rows.Weights[p] * rows.Weights[n];
                    pairs += weight;
                    right += weight * (rows.Scores[p] > rows.Scores[n] ? 1 : rows.Scores[p] == rows.Scores[n] ? 0.5 : 0);
                }
            }
        }

        return right / pairs;
    }

    private static double Mean(ScoredRows rows, Func<double, double, double> value)
    {
        var labelled = Enumerable.Range(0, rows.Scores.Length).Where(i => !float.IsNaN(rows.Labels[i])).ToArray();
        return labelled.Sum(i => rows.Weights[i] * value(rows.Scores[i], rows.Labels[i])) / labelled.Sum(i => (double)rows.Weights[i]);
    }

    private static void AssertSame(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.Equal(double.NaN, actual);
        }
        else
        {
            Assert.Equal(expected, actual, 1e-6 * (1 + Math.Abs(expected)));
        }
    }
}

public class EvaluationReportTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Loans;

    // Two rows; a binary, a multi-class (3) and a regression task.
    private static readonly float[] Predicted = [0.9f, 0.5f, 0.3f, 0.2f, 10, 0.2f, 0.1f, 0.8f, 0.1f, 20];
    private static readonly float[] Targets = [1, 0, 11, 0, 1, 19];

    [Fact]
    public void Every_task_gets_the_metrics_of_its_kind_from_its_own_columns()
    {
        var report = Samples.Valid(EvaluationReport.Of(Dataset.Tasks, Predicted, Targets, [1, 1]));

        Assert.Equal(["t0", "t1", "t2"], report.Tasks.Select(t => t.Task));
        Assert.Equal(1, Assert.IsType<BinaryMetrics>(report["t0"]).Accuracy);
        Assert.Equal(1, Assert.IsType<MulticlassMetrics>(report["t1"]).Accuracy);
        Assert.Equal(1, Assert.IsType<RegressionMetrics>(report["t2"]).Mae);
        Assert.Equal(1 - (2.0 / 32), report["t2"].Score);
        Assert.Equal(new AverageScore((1 + 1 + 1 - (2.0 / 32)) / 3, default), report.Average);
        Assert.Throws<KeyNotFoundException>(() => report["t3"]);
    }

    [Fact]
    public void A_task_without_a_score_is_named_and_does_not_count()
    {
        var report = Samples.Valid(EvaluationReport.Of(Dataset.Tasks, Predicted, [1, 0, 11, 1, 1, 19], [1, 1]));

        Assert.Equal(["t0"], report.Average.Undefined);
        Assert.Equal((1 + 1 - (2.0 / 32)) / 2, report.Average.Value, 1e-12);
    }

    [Fact]
    public void Without_any_score_the_average_is_not_a_number()
    {
        var report = Samples.Valid(EvaluationReport.Of(Dataset.Tasks, [], [], []));

        Assert.Equal(double.NaN, report.Average.Value);
        Assert.Equal(3, report.Average.Undefined.Count);
    }

    [Fact]
    public void What_is_not_defined_is_null_in_json()
    {
        using var json = JsonDocument.Parse(
            Samples.Valid(EvaluationReport.Of(Dataset.Tasks, Predicted, [1, 0, 11, 1, 1, 19], [1, 1])).ToJson());
        var root = json.RootElement;

        Assert.Equal(["t0", "t1", "t2", "average"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["auc", "auc_flattened", "log_loss", "accuracy", "brier", "ece"],
            root.GetProperty("t0").EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["macro_auc", "macro_f1", "accuracy", "log_loss", "brier", "ece"],
            root.GetProperty("t1").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["rmse", "mae", "r2"], root.GetProperty("t2").EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("t0").GetProperty("auc").ValueKind);
        Assert.Equal(1, root.GetProperty("t2").GetProperty("mae").GetDouble());
    }

    [Fact]
    public void An_output_that_is_no_number_is_a_fault_of_the_run_for_each_task()
    {
        float[] broken = [.. Predicted];
        broken[5] = float.NaN;
        broken[8] = float.PositiveInfinity;
        var faults = EvaluationReport.Of(Dataset.Tasks, broken, Targets, [1, 1]).Match(_ => [], f => f.ToArray());

        Assert.Equal(
            ["the model's output for task 't0' in row 1 is NaN", "the model's output for task 't1' in row 1 is Infinity"],
            faults.Select(f => f.What));
        Assert.All(faults, fault => Assert.Equal(FaultKind.Run, fault.Kind));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused() =>
        Assert.Throws<ArgumentException>(() => EvaluationReport.Of(Dataset.Tasks, Predicted, Targets, [1]));
}
