using System.Globalization;
using Mmoe.Model;
using ScottPlot;
using SkiaSharp;

namespace Mmoe.Cli;

/// <summary>A task's reliability diagram.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Predicted">What the probability is of.</param>
/// <param name="Reliability">The rows in intervals.</param>
internal sealed record ReliabilityPanel(string Task, string Predicted, ReliabilityBins Reliability);

/// <summary>
/// Reliability diagrams side by side, with the distribution of the predictions below each: Guo et al. 2017, figure 1. A bar shows how often
/// what is predicted is the case; where it ends off the mean prediction, the gap is marked.
/// </summary>
internal sealed class ReliabilityPicture
{
    private const int PanelWidth = 320;
    private const int DiagramHeight = 318;
    private const int HistogramHeight = 150;
    private const int MostColumns = 4;
    private const int MostPanels = 60;
    private const int Left = 62;
    private const int Right = 14;
    private const int Top = 30;
    private const int DiagramBottom = 44;
    private const int HistogramBottom = 32;
    private const float FontSize = 12;
    private const float SmallFontSize = 11;

    private static readonly Color Grey = Color.FromHex("#7A7A7A");
    private static readonly Color Bar = Color.FromHex("#6FA1D6");
    private static readonly Color Gap = Color.FromHex("#D9480F").WithAlpha(0.45);
    private static readonly Color Histogram = Color.FromHex("#A9B4C0");

    private readonly string title;

    /// <summary>Lays diagrams out.</summary>
    /// <param name="title">What stands above them.</param>
    /// <param name="panels">At least one.</param>
    public ReliabilityPicture(string title, IEnumerable<ReliabilityPanel> panels)
    {
        var all = panels.ToArray();
        this.Panels = new(all.Take(MostPanels));
        this.title = all.Length > MostPanels
            ? string.Create(CultureInfo.InvariantCulture, $"{title} (the first {MostPanels} of {all.Length} tasks)")
            : title;

        // The header's signs need the room of two.
        this.Width = Math.Clamp(this.Panels.Count, 2, MostColumns) * PanelWidth;
        this.Height = PictureHeader.Height + ((((this.Panels.Count - 1) / MostColumns) + 1) * (DiagramHeight + HistogramHeight));
    }

    /// <summary>The diagrams, row by row.</summary>
    public EquatableArray<ReliabilityPanel> Panels { get; }

    /// <summary>The picture's width in pixels.</summary>
    public int Width { get; }

    /// <summary>The picture's height in pixels.</summary>
    public int Height { get; }

    /// <summary>The diagrams of the tasks with classes.</summary>
    public static IEnumerable<ReliabilityPanel> PanelsOf(EvaluationReport report) =>
        report.Tasks.SelectMany(result => result.Metrics switch
        {
            BinaryMetrics metrics => [new ReliabilityPanel(result.Task, "predicted probability", metrics.Reliability)],
            MulticlassMetrics metrics => [new ReliabilityPanel(result.Task, "predicted probability of the top class", metrics.Reliability)],
            _ => Array.Empty<ReliabilityPanel>(),
        });

    /// <summary>Where a point of a diagram lies in the picture.</summary>
    /// <param name="panel">The diagram.</param>
    /// <param name="predicted">The point's prediction, from 0 to 1.</param>
    /// <param name="observed">Its observed share, from 0 to 1.</param>
    public SKPointI Point(int panel, double predicted, double observed)
    {
        var place = this.Place(panel);
        return new(
            (int)(place.Left + Left + (predicted * (PanelWidth - Left - Right))),
            (int)(place.Bottom - DiagramBottom - (observed * (DiagramHeight - Top - DiagramBottom))));
    }

    /// <summary>Draws the picture.</summary>
    /// <returns>The content of a PNG file.</returns>
    public byte[] Png() => PictureSheet.Png(
        this.Width,
        this.Height,
        this.Panels.Index().SelectMany(panel =>
        {
            var place = this.Place(panel.Index);
            var below = SKRectI.Create(place.Left, place.Bottom, PanelWidth, HistogramHeight);
            return new (SKRectI, Func<Plot>)[] { (place, () => Diagram(panel.Item)), (below, () => Distribution(panel.Item)) };
        }).Prepend((new SKRectI(0, 0, this.Width, PictureHeader.Height), this.Header)));

    private SKRectI Place(int panel) => SKRectI.Create(
        panel % MostColumns * PanelWidth,
        PictureHeader.Height + (panel / MostColumns * (DiagramHeight + HistogramHeight)),
        PanelWidth,
        DiagramHeight);

    private static Plot Diagram(ReliabilityPanel panel)
    {
        var plot = Empty("observed share", greatest: 1, DiagramBottom, Top);
        var error = panel.Reliability.ExpectedCalibrationError;
        var rest = double.IsNaN(error) ? ": no labelled row" : string.Create(CultureInfo.InvariantCulture, $": ECE {error:0.0000}");
        var room = PanelWidth - Left - Right - PictureFont.Width(rest + "…", FontSize);
        PictureSheet.Write(plot.Axes.Title.Label, PictureFont.Shortened(panel.Task, FontSize, room) + rest, FontSize);
        PictureSheet.Write(plot.Axes.Bottom.Label, panel.Predicted, SmallFontSize);
        foreach (var bin in panel.Reliability.Bins.Where(bin => bin.Count > 0))
        {
            Fill(plot, bin, 0, bin.ObservedShare, Bar);
            Fill(plot, bin, Math.Min(bin.ObservedShare, bin.MeanPredicted), Math.Max(bin.ObservedShare, bin.MeanPredicted), Gap);
        }

        var diagonal = plot.Add.Line(0, 0, 1, 1);
        (diagonal.LineColor, diagonal.LineWidth, diagonal.LinePattern, diagonal.MarkerSize) = (Grey, 1.5f, LinePattern.Dashed, 0);
        return plot;
    }

    private static Plot Distribution(ReliabilityPanel panel)
    {
        var bins = panel.Reliability.Bins.Where(bin => bin.Count > 0).ToArray();
        var total = bins.Sum(bin => bin.Weight);
        var greatest = bins.Select(bin => bin.Weight / total).DefaultIfEmpty(1).Max() * 1.08;
        var plot = Empty("share of rows", greatest, HistogramBottom, top: 8);
        foreach (var bin in bins)
        {
            Fill(plot, bin, 0, bin.Weight / total, Histogram);
        }

        return plot;
    }

    private static Plot Empty(string left, double greatest, int bottom, int top)
    {
        var plot = new Plot();
        plot.Layout.Fixed(new PixelPadding(Left, Right, bottom, top));
        plot.Grid.MajorLineColor = Color.FromHex("#ECECEC");
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.IsVisible = false;
        PictureSheet.Write(plot.Axes.Left.Label, left, SmallFontSize);
        PictureSheet.Write(plot.Axes.Bottom, AxisTicks.Of(0, 1, 5), SmallFontSize);
        PictureSheet.Write(plot.Axes.Left, AxisTicks.Of(0, greatest, top == Top ? 5 : 4), SmallFontSize);
        plot.Axes.SetLimits(0, 1, 0, greatest);
        return plot;
    }

    private static void Fill(Plot plot, ReliabilityBin bin, double from, double to, Color colour)
    {
        var bar = plot.Add.Rectangle(bin.Lower, bin.Upper, from, to);
        (bar.FillColor, bar.LineColor, bar.LineWidth) = (colour, Colors.White, 1);
    }

    private Plot Header()
    {
        return new PictureHeader(this.Width)
            .Key("observed", (plot, x, y) => Square(plot, x, y, Bar))
            .Key("gap to the mean prediction", (plot, x, y) => Square(plot, x, y, Gap))
            .Key("calibrated", (plot, x, y) =>
            {
                var line = plot.Add.Line(x, y, x + PictureHeader.KeyWidth, y);
                (line.LineColor, line.LineWidth, line.LinePattern, line.MarkerSize) = (Grey, 1.5f, LinePattern.Dashed, 0);
            })
            .Plot(this.title);

        static void Square(Plot plot, double x, double y, Color colour)
        {
            var square = plot.Add.Rectangle(x, x + PictureHeader.KeyWidth, y - 6, y + 6);
            (square.FillColor, square.LineWidth) = (colour, 0);
        }
    }
}
