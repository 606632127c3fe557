using ScottPlot;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>What mmoe gains, as a picture: means of differences on the same data, since one seed's are much harder than another's.</summary>
internal static class StudyPlot
{
    public static void Save(string path, StudyOptions options, IReadOnlyList<StudyRun> runs)
    {
        var picture = new Multiplot();
        picture.AddPlots(2);
        picture.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Draw(picture.GetPlot(0), options, new(options, runs, run => run.TrainLoss), "train loss of the last epoch");
        Draw(picture.GetPlot(1), options, new(options, runs, run => run.TestLoss), "test loss of the epoch chosen on validation");
        picture.SavePng(path, 900, 360);
    }

    private static void Draw(Plot plot, StudyOptions options, PairedLosses losses, string title)
    {
        var zero = plot.Add.HorizontalLine(0);
        (zero.Color, zero.LineWidth) = (Colors.Gray, 1);
        foreach (var family in StudyRun.Families[1..])
        {
            Estimate[] leads = [.. options.Correlations.Select(c => Estimate.Of(losses.Lead(family, c)))];
            var line = plot.Add.Scatter(options.Correlations, leads.Select(m => m.Mean).ToArray());
            line.LegendText = $"{family} less mmoe";
            plot.Add.ErrorBar(options.Correlations, [.. leads.Select(m => m.Mean)], [.. leads.Select(m => m.Error)]).Color = line.Color;
        }

        plot.Title(title, size: 13);
        plot.XLabel("task correlation", size: 12);
        plot.YLabel("difference of losses, ± standard error", size: 12);
        plot.ShowLegend(Alignment.UpperRight);
        plot.Axes.Margins(bottom: 0.1, top: 0.4);
    }
}
