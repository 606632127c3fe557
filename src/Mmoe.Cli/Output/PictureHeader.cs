using ScottPlot;

namespace Mmoe.Cli;

/// <summary>A picture's title, and below it what its signs mean.</summary>
/// <param name="width">The width in pixels.</param>
internal sealed class PictureHeader(int width)
{
    /// <summary>The height in pixels.</summary>
    public const int Height = 66;

    /// <summary>The width of a sign in pixels.</summary>
    public const double KeyWidth = 26;

    private const float TitleSize = 15;
    private const float KeySize = 12;
    private const int KeysAt = 18;
    private const int Gap = 18;
    private const int Margin = 12;

    private readonly List<(string Text, Action<Plot, double, double> Draw)> keys = [];

    /// <summary>Adds a sign; the first stands leftmost.</summary>
    /// <param name="text">What it means.</param>
    /// <param name="draw">Draws it from a point on to the right, <see cref="KeyWidth"/> wide, in pixels.</param>
    public PictureHeader Key(string text, Action<Plot, double, double> draw)
    {
        this.keys.Add((text, draw));
        return this;
    }

    /// <summary>The header as a plot whose units are pixels.</summary>
    /// <param name="title">The title; cut where there is no room for it.</param>
    public Plot Plot(string title)
    {
        var plot = new Plot();
        plot.HideGrid();
        plot.HideAxesAndGrid();
        plot.Layout.Fixed(new PixelPadding(0));
        plot.Axes.SetLimits(0, width, 0, Height);
        Write(plot, PictureFont.Shortened(title, TitleSize, width - (2 * Margin)), Margin, Height - 20, TitleSize);
        double x = Margin;
        foreach (var (text, draw) in this.keys)
        {
            draw(plot, x, KeysAt);
            x += KeyWidth + 6;
            Write(plot, text, x, KeysAt, KeySize);
            x += PictureFont.Width(text, KeySize) + Gap;
        }

        return plot;
    }

    private static void Write(Plot plot, string text, double x, double y, float size)
    {
        var label = plot.Add.Text(text, x, y);
        PictureSheet.Write(label.LabelStyle, text, size);
        (label.LabelStyle.Alignment, label.LabelStyle.ForeColor) = (Alignment.MiddleLeft, Colors.Black);
    }
}
