using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using SkiaSharp;

namespace Mmoe.Cli;

/// <summary>A table as colours.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Rows">The names of rows, the upper first.</param>
/// <param name="Columns">The names of columns.</param>
/// <param name="Values">A value for each row and column, row by row; null where there is none.</param>
internal sealed record HeatMapPanel(
    string Title, EquatableArray<string> Rows, EquatableArray<string> Columns, EquatableArray<double?> Values);

/// <summary>
/// Panels one above the other, as a picture: the greater a value, the darker its cell, on one scale for all panels, from 0 or the least
/// value if that is below 0. A cell without a value is grey.
/// </summary>
internal sealed class HeatMap
{
    private const int FontSize = 13;
    private const int CellHeight = 36;
    private const int TitleHeight = 40;
    private const int LabelHeight = 34;
    private const int Margin = 12;
    private const int NarrowestCell = 60;
    private const int WidestName = 170;

    // With more columns than these pixels hold cells shrink and lose their numbers: few programs open a wider picture.
    private const int WidestTable = 12_000;

    private readonly int cellWidth;
    private readonly int left;

    /// <summary>Lays panels out.</summary>
    /// <param name="panels">At least one; each has a row and a column.</param>
    public HeatMap(params IEnumerable<HeatMapPanel> panels)
    {
        this.Panels = new(panels);
        var columns = this.Panels.Max(panel => panel.Columns.Count);
        var wanted = Math.Max(NarrowestCell, this.Panels.SelectMany(panel => panel.Columns).Max(WidthOf) + Margin);
        this.cellWidth = Math.Max(1, Math.Min(wanted, WidestTable / columns));
        this.left = this.Panels.SelectMany(panel => panel.Rows).Max(WidthOf) + (2 * Margin);
        this.Width = Math.Max(this.left + (columns * this.cellWidth), this.Panels.Max(panel => Pixels(panel.Title))) + Margin;
        this.Height = this.Top(this.Panels.Count);
    }

    /// <summary>The panels, the upper first.</summary>
    public EquatableArray<HeatMapPanel> Panels { get; }

    /// <summary>The picture's width in pixels.</summary>
    public int Width { get; }

    /// <summary>The picture's height in pixels.</summary>
    public int Height { get; }

    /// <summary>Where a cell lies in the picture.</summary>
    /// <param name="panel">The panel, the upper first.</param>
    /// <param name="row">The row, the upper first.</param>
    /// <param name="column">The column.</param>
    public SKRectI Cell(int panel, int row, int column) => SKRectI.Create(
        this.left + (column * this.cellWidth), this.Top(panel) + TitleHeight + (row * CellHeight), this.cellWidth, CellHeight);

    /// <summary>Draws the picture.</summary>
    /// <returns>The content of a PNG file.</returns>
    public byte[] Png()
    {
        var values = this.Panels.SelectMany(panel => panel.Values).OfType<double>().DefaultIfEmpty(0).ToArray();
        var (least, greatest) = (Math.Min(0, values.Min()), values.Max());
        var range = new ScottPlot.Range(least, greatest > least ? greatest : least + 1);
        return PictureSheet.Png(this.Width, this.Height, this.Panels.Index().Select((SKRectI, Func<Plot>) (panel) => (
            new SKRectI(0, this.Top(panel.Index), this.Width, this.Top(panel.Index + 1)),
            () => this.Plot(panel.Item, range))));
    }

    private int Top(int panel) => this.Panels.Take(panel).Sum(p => TitleHeight + (p.Rows.Count * CellHeight) + LabelHeight);

    private Plot Plot(HeatMapPanel panel, ScottPlot.Range range)
    {
        var (rows, columns) = (panel.Rows.Count, panel.Columns.Count);
        var plot = new Plot();
        plot.HideGrid();
        plot.Layout.Fixed(new PixelPadding(this.left, this.Width - this.left - (columns * this.cellWidth), LabelHeight, TitleHeight));
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);

        var cells = new double[rows, columns];
        var heatmap = plot.Add.Heatmap(cells);
        heatmap.Colormap = new Darkening();
        heatmap.NaNCellColor = Color.FromHex("#E4E4E4");
        heatmap.ManualRange = range;
        var isWideEnough = this.cellWidth >= WidthOf("-0.000");
        for (var i = 0; i < cells.Length; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            cells[row, column] = panel.Values[i] ?? double.NaN;
            if (isWideEnough && panel.Values[i] is { } value)
            {
                var isDark = range.Normalize(value) > 0.45;
                var number = plot.Add.Text(value.ToString("0.000", CultureInfo.InvariantCulture), column, rows - 1 - row);
                Style(number.LabelStyle, isDark ? Colors.White : Colors.Black);
                number.LabelStyle.Alignment = Alignment.MiddleCenter;
            }
        }

        heatmap.Update();
        plot.Title(panel.Title);
        Style(plot.Axes.Title.Label, Colors.Black);
        plot.Axes.Title.Label.Bold = false;
        Name(plot.Axes.Bottom, [.. panel.Columns.Select(name => this.cellWidth < NarrowestCell ? "" : Shortened(name))], i => i);
        Name(plot.Axes.Left, [.. panel.Rows.Select(Shortened)], i => rows - 1 - i);
        return plot;
    }

    private static void Name(IAxis axis, string[] names, Func<int, double> position)
    {
        axis.SetTicks([.. names.Select((_, i) => position(i))], names);
        axis.MajorTickStyle.Length = 0;
        axis.TickLabelStyle.FontName = PictureFont.For(string.Concat(names));
        axis.TickLabelStyle.FontSize = FontSize;
    }

    private static void Style(LabelStyle label, Color colour)
    {
        label.FontName = PictureFont.For(label.Text);
        label.FontSize = FontSize;
        label.ForeColor = colour;
    }

    private static int WidthOf(string name) => Pixels(Shortened(name));

    private static int Pixels(string text) => (int)Math.Ceiling(PictureFont.Width(text, FontSize));

    private static string Shortened(string name) => PictureFont.Shortened(name, FontSize, WidestName);

    /// <summary>White for the least value, dark blue for the greatest.</summary>
    private sealed class Darkening : IColormap
    {
        private readonly Blues blues = new();

        public string Name => "Blues, reversed";

        public Color GetColor(double position) => this.blues.GetColor(1 - position);
    }
}
