using System.Globalization;
using Mmoe.Model;
using Mmoe.Training;
using ScottPlot;
using SkiaSharp;

namespace Mmoe.Cli;

/// <summary>A number by epoch.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Line">What the line shows.</param>
/// <param name="Values">A value per epoch; NaN where it is not defined.</param>
/// <param name="TrainAtBest">The value on the train split at the best epoch; NaN where it is not known.</param>
internal sealed record CurvePanel(string Title, CurveKind Line, EquatableArray<double> Values, double TrainAtBest);

/// <summary>What a line was measured on.</summary>
internal enum CurveKind
{
    /// <summary>The train split.</summary>
    Train,

    /// <summary>The validation split.</summary>
    Validation,

    /// <summary>No rows: a setting.</summary>
    Setting,
}

/// <summary>
/// A run by epoch, as small panels: first the loss, the learning rate and the mean score, then a row per task with a panel per metric. The
/// best epoch is marked in each.
/// </summary>
internal sealed class CurvesPicture
{
    // A task's area over both columns is there to be compared with a published number, and says nothing about a training.
    private const string NotDrawn = "auc_flattened";

    private const int PanelWidth = 260;
    private const int PanelHeight = 190;
    private const int Left = 62;
    private const int Right = 12;
    private const int Top = 28;
    private const int Bottom = 42;
    private const float FontSize = 12;
    private const float SmallFontSize = 11;

    // Few programs open a higher picture; what is left out stands in the title.
    private const int MostTasks = 60;

    // With more epochs than these a mark on each would hide the line.
    private const int MostMarks = 30;

    private static readonly Color Grey = Color.FromHex("#7A7A7A");

    private readonly EquatableArray<int> epochs;
    private readonly int best;
    private readonly string title;
    private readonly EquatableArray<EquatableArray<CurvePanel>> rows;
    private readonly int columns;

    /// <summary>Lays out what a run came to.</summary>
    /// <param name="summary">The run; it has an epoch and a task.</param>
    public CurvesPicture(RunSummary summary)
    {
        this.epochs = new(summary.Epochs.Select(epoch => epoch.Epoch));
        this.best = summary.BestEpoch;
        this.rows = new(Rows(summary));
        this.columns = this.rows.Max(row => row.Count);
        this.Width = this.columns * PanelWidth;
        this.Height = PictureHeader.Height + (this.rows.Count * PanelHeight);
        var tasks = summary.Validation.Tasks.Count;
        this.title = $"{summary.Config.Dataset}, {summary.Config.Model}"
            + (tasks > MostTasks ? string.Create(CultureInfo.InvariantCulture, $" (the first {MostTasks} of {tasks} tasks)") : "");
    }

    /// <summary>The panels, row by row.</summary>
    public IEnumerable<CurvePanel> Panels => this.rows.SelectMany(row => row);

    /// <summary>The picture's width in pixels.</summary>
    public int Width { get; }

    /// <summary>The picture's height in pixels.</summary>
    public int Height { get; }

    /// <summary>The colour of a line.</summary>
    public static Color ColourOf(CurveKind kind) => kind switch
    {
        CurveKind.Train => Color.FromHex("#E0760B"),
        CurveKind.Validation => Color.FromHex("#1F5FA8"),
        _ => Grey,
    };

    /// <summary>Where an epoch's value lies in the picture.</summary>
    /// <param name="panel">The panel's position in <see cref="Panels"/>.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="value">The value.</param>
    public SKPointI Point(int panel, int epoch, double value)
    {
        var (row, column) = this.rows.Index().SelectMany(r => r.Item.Select((_, c) => (r.Index, c))).ElementAt(panel);
        var (range, place) = (this.RangeOf(this.rows[row][column]), this.Place(row, column));
        var (first, last) = this.EpochRange;
        return new(
            (int)(place.Left + Left + ((epoch - first) / (last - first) * (PanelWidth - Left - Right))),
            (int)(place.Bottom - Bottom - ((value - range.Least) / (range.Greatest - range.Least) * (PanelHeight - Top - Bottom))));
    }

    /// <summary>Draws the picture.</summary>
    /// <returns>The content of a PNG file.</returns>
    public byte[] Png() => PictureSheet.Png(
        this.Width,
        this.Height,
        this.rows.Index()
            .SelectMany(row => row.Item.Select((SKRectI, Func<Plot>) (panel, column) =>
                (this.Place(row.Index, column), () => this.Plot(panel))))
            .Prepend((new SKRectI(0, 0, this.Width, PictureHeader.Height), this.Header)));

    private static IEnumerable<EquatableArray<CurvePanel>> Rows(RunSummary summary)
    {
        var epochs = summary.Epochs;
        yield return new(
        [
            new("loss", CurveKind.Train, new(epochs.Select(e => e.Loss)), double.NaN),
            new("learning rate", CurveKind.Setting, new(epochs.Select(e => e.LearningRate)), double.NaN),
            new("mean score", CurveKind.Validation, new(epochs.Select(e => e.Validation.Average.Value)), summary.Train.Average.Value),
        ]);
        foreach (var (t, task) in summary.Validation.Tasks.Take(MostTasks).Index())
        {
            yield return new(task.Metrics.Values.Select(metric => metric.Name).Where(name => name != NotDrawn).Select(name => new CurvePanel(
                Title(task.Task, name),
                CurveKind.Validation,
                new(epochs.Select(e => Value(e.Validation.Tasks[t].Metrics, name))),
                Value(summary.Train.Tasks[t].Metrics, name))));
        }
    }

    // An epoch that an earlier version trained, before the run went on, may lack a metric.
    private static double Value(TaskMetrics metrics, string name) =>
        metrics.Values.Where(metric => metric.Name == name).Select(metric => metric.Value).DefaultIfEmpty(double.NaN).First();

    // Of a name that is too long the task's part is cut: tasks stand in the order of the schema, and metrics repeat.
    private static string Title(string task, string metric)
    {
        var rest = $": {metric}";
        return PictureFont.Shortened(task, FontSize, PanelWidth - Left - Right - PictureFont.Width(rest + "…", FontSize)) + rest;
    }

    private (double First, double Last) EpochRange
    {
        get
        {
            // Off the frame by half an epoch, or by some pixels where that is more.
            var margin = Math.Max(0.5, (this.epochs[^1] - this.epochs[0]) * 0.03);
            return (this.epochs[0] - margin, this.epochs[^1] + margin);
        }
    }

    private SKRectI Place(int row, int column) =>
        SKRectI.Create(column * PanelWidth, PictureHeader.Height + (row * PanelHeight), PanelWidth, PanelHeight);

    private (double Least, double Greatest) RangeOf(CurvePanel panel)
    {
        var values = panel.Values.Append(panel.TrainAtBest).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (least, greatest) = (values.Min(), values.Max());

        // Values that are all but equal are a level line, and not the noise of their last digits.
        var magnitude = Math.Max(Math.Abs(least), Math.Abs(greatest));
        var margin = greatest > least ? Math.Max((greatest - least) * 0.08, magnitude * 1e-3) : magnitude * 0.05;
        return margin > 0 ? (least - margin, greatest + margin) : (-1, 1);
    }

    private Plot Plot(CurvePanel panel)
    {
        var (range, (first, last)) = (this.RangeOf(panel), this.EpochRange);
        var plot = new Plot();
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Top));
        plot.Grid.MajorLineColor = Color.FromHex("#ECECEC");
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.IsVisible = false;
        PictureSheet.Write(plot.Axes.Title.Label, panel.Title, FontSize);
        PictureSheet.Write(plot.Axes.Bottom.Label, "epoch", SmallFontSize);
        PictureSheet.Write(plot.Axes.Bottom, AxisTicks.Of(first, last, 6, leastStep: 1), SmallFontSize);
        PictureSheet.Write(plot.Axes.Left, AxisTicks.Of(range.Least, range.Greatest, 5), SmallFontSize);
        plot.Axes.SetLimits(first, last, range.Least, range.Greatest);

        var bestLine = plot.Add.VerticalLine(this.best, 1, Grey, LinePattern.Dashed);
        bestLine.EnableAutoscale = false;
        this.DrawLine(plot, panel);
        if (double.IsFinite(panel.TrainAtBest))
        {
            plot.Add.Marker(this.best, panel.TrainAtBest, MarkerShape.FilledDiamond, 9, ColourOf(CurveKind.Train));
        }

        if (!panel.Values.Any(double.IsFinite))
        {
            var text = plot.Add.Text("undefined", (first + last) / 2, (range.Least + range.Greatest) / 2);
            PictureSheet.Write(text.LabelStyle, "undefined", FontSize);
            (text.LabelStyle.Alignment, text.LabelStyle.ForeColor) = (Alignment.MiddleCenter, Grey);
        }

        return plot;
    }

    private void DrawLine(Plot plot, CurvePanel panel)
    {
        var colour = ColourOf(panel.Line);
        foreach (var (from, to) in Stretches(panel.Values))
        {
            double[] epochs = [.. this.epochs.Skip(from).Take(to - from)];
            var line = plot.Add.Scatter(epochs, panel.Values.AsSpan()[from..to].ToArray(), colour);
            line.LineWidth = 1.5f;
            line.MarkerSize = this.epochs.Count <= MostMarks || to - from == 1 ? 5 : 0;
        }

        var best = this.epochs.AsSpan().IndexOf(this.best);
        if (best >= 0 && double.IsFinite(panel.Values[best]))
        {
            plot.Add.Marker(this.best, panel.Values[best], MarkerShape.OpenCircle, 11, colour).MarkerLineWidth = 2;
        }
    }

    /// <summary>Where values are defined without a gap: the first of each stretch, and the one after its last.</summary>
    private static IEnumerable<(int From, int To)> Stretches(EquatableArray<double> values)
    {
        var from = 0;
        for (var i = 0; i <= values.Count; i++)
        {
            if (i == values.Count || !double.IsFinite(values[i]))
            {
                if (i > from)
                {
                    yield return (from, i);
                }

                from = i + 1;
            }
        }
    }

    private Plot Header()
    {
        var best = string.Create(CultureInfo.InvariantCulture, $"best epoch {this.best} of {this.epochs[^1]}");
        return new PictureHeader(this.Width)
            .Key(best, (plot, x, y) =>
            {
                Style(Line(plot, x, y), Grey, LinePattern.Dashed);
                plot.Add.Marker(x + (PictureHeader.KeyWidth / 2), y, MarkerShape.OpenCircle, 11, Grey).MarkerLineWidth = 2;
            })
            .Key("validation", (plot, x, y) => Style(Line(plot, x, y), ColourOf(CurveKind.Validation), LinePattern.Solid))
            .Key("train (metrics: best epoch only)", (plot, x, y) =>
            {
                Style(Line(plot, x, y), ColourOf(CurveKind.Train), LinePattern.Solid);
                plot.Add.Marker(x + (PictureHeader.KeyWidth / 2), y, MarkerShape.FilledDiamond, 9, ColourOf(CurveKind.Train));
            })
            .Plot(this.title);

        static ScottPlot.Plottables.LinePlot Line(Plot plot, double x, double y) => plot.Add.Line(x, y, x + PictureHeader.KeyWidth, y);

        static void Style(ScottPlot.Plottables.LinePlot line, Color colour, LinePattern pattern) =>
            (line.LineColor, line.LineWidth, line.LinePattern, line.MarkerSize) = (colour, 1.5f, pattern, 0);
    }
}
