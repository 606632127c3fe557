using ScottPlot;
using SkiaSharp;

namespace Mmoe.Cli;

/// <summary>Several plots on one picture.</summary>
internal static class PictureSheet
{
    /// <summary>Draws plots, each into a place of its own.</summary>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">Its height.</param>
    /// <param name="plots">The plots, made one after the other and disposed of once drawn.</param>
    /// <returns>The content of a PNG file.</returns>
    public static byte[] Png(int width, int height, IEnumerable<(SKRectI Place, Func<Plot> Plot)> plots)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        surface.Canvas.Clear(SKColors.White);
        foreach (var (place, make) in plots)
        {
            // A plot begins with a blank canvas, the other plots' part included, but for what is clipped.
            using var plot = make();
            using var clipped = new SKAutoCanvasRestore(surface.Canvas);
            surface.Canvas.ClipRect(place);
            plot.Render(surface.Canvas, new PixelRect(place.Left, place.Right, place.Bottom, place.Top));
        }

        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>Gives a label its text in the pictures' font.</summary>
    public static void Write(LabelStyle label, string text, float size)
    {
        label.Text = text;
        label.FontName = PictureFont.For(text);
        label.FontSize = size;
        label.Bold = false;
    }

    /// <summary>Gives an axis its ticks, written in the pictures' font.</summary>
    public static void Write(IAxis axis, IReadOnlyList<(double Position, string Text)> ticks, float size)
    {
        axis.SetTicks([.. ticks.Select(tick => tick.Position)], [.. ticks.Select(tick => tick.Text)]);
        axis.TickLabelStyle.FontName = PictureFont.For(string.Concat(ticks.Select(tick => tick.Text)));
        axis.TickLabelStyle.FontSize = size;
    }
}
