using System.Globalization;
using System.Text;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>The runs as text.</summary>
internal static class StudyReport
{
    /// <summary>Every run.</summary>
    public static string Csv(IEnumerable<StudyRun> runs) => runs.Aggregate(
        new StringBuilder("correlation,family,seed,learning_rate,parameters,best_epoch,train_loss,validation_loss,test_loss\n"),
        (text, r) => text.Append(
            CultureInfo.InvariantCulture,
            $"{r.Case.Correlation},{r.Case.Family},{r.Case.Seed},{r.Case.LearningRate},{r.Parameters},{r.BestEpoch},")
            .Append(CultureInfo.InvariantCulture, $"{r.TrainLoss:R},{r.ValidationLoss:R},{r.TestLoss:R}\n"))
        .ToString();

    /// <summary>Means, and differences of runs on the same data.</summary>
    public static string Markdown(StudyOptions options, string command, IReadOnlyList<StudyRun> runs)
    {
        var text = new StringBuilder("# Task correlation\n\n");
        text.Append(
            $"""
            `{command}`

            The synthetic dataset with {options.TrainRows:N0} rows to train on, {options.Epochs} epochs of batches of {options.BatchSize};
            TorchSharp, CPU. {options.Seeds} seeds, each with data, initial values and an order of rows of its own; all families of a seed have
            the same data, so that their differences are paired. Losses are means over both tasks of the squared error, in variances of the target; ± is
            the standard error of a mean. The train loss is that of the last epoch's steps, the test loss that of the epoch that validation chose.

            """);
        text.Append('\n').Append("Parameters: ")
            .AppendJoin(", ", StudyRun.Families.Select(family => $"{family} {runs.First(r => r.Case.Family == family).Parameters:N0}"))
            .Append(". ");
        text.Append("Learning rates: ").AppendJoin(", ", StudyRun.Families.Select(family =>
            $"{family} {Text(runs.First(r => r.Case.Family == family).Case.LearningRate)}"));
        text.Append(options.LearningRates.Length == 1
            ? ".\n"
            : $"; of {string.Join(", ", options.LearningRates.Select(Text))} the one with the least mean validation loss on "
                + $"{options.TuningSeeds} other seeds.\n");
        Section(text, options, runs, "Train loss", run => run.TrainLoss);
        Section(text, options, runs, "Test loss", run => run.TestLoss);
        return text.ToString();
    }

    private static void Section(
        StringBuilder text, StudyOptions options, IReadOnlyList<StudyRun> runs, string title, Func<StudyRun, double> loss)
    {
        var losses = new PairedLosses(options, runs, loss);
        text.Append($"\n## {title}\n\n| correlation |").AppendJoin("|", StudyRun.Families.Select(f => $" {f} "));
        var others = StudyRun.Families[1..];
        text.Append('|').AppendJoin("|", others.Select(f => $" {f} less mmoe | seeds that mmoe wins ")).Append("|\n|---|");
        text.Insert(text.Length, "---|", StudyRun.Families.Length + (2 * others.Length)).Append('\n');
        foreach (var correlation in options.Correlations)
        {
            var means = StudyRun.Families.Select(f => Estimate.Of(losses.Of(f, correlation)).ToString());
            var leads = others.Select(f => losses.Lead(f, correlation))
                .Select(lead => $"{Estimate.Of(lead)} | {lead.Count(d => d > 0)} of {options.Seeds}");
            text.Append($"| {Text(correlation)} | ").AppendJoin(" | ", means.Concat(leads)).Append(" |\n");
        }

        // A seed has the same inputs and the same sines at every correlation, so that this is paired too.
        var (least, most) = (options.Correlations.Min(), options.Correlations.Max());
        text.Append('\n');
        foreach (var family in others)
        {
            var shrinks = losses.Lead(family, least).Zip(losses.Lead(family, most), (low, high) => low - high).ToArray();
            text.Append(
                $"What mmoe gains on {family} at correlation {Text(least)}, less what it gains at {Text(most)}: {Estimate.Of(shrinks)}.\n");
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
