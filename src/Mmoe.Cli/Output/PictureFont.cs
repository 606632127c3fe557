using ScottPlot;
using SkiaSharp;

namespace Mmoe.Cli;

/// <summary>
/// The font of pictures. It is a part of this assembly: on a machine without fonts, such as a slim container, text would not be drawn at
/// all, and elsewhere each machine would draw another picture.
/// </summary>
internal sealed class PictureFont : IFontResolver
{
    // Not DejaVu Sans: a program that uses this one as a library may have that one installed, in full.
    private const string Name = "Mmoe pictures";

    private static readonly Lazy<PictureFont> Registered = new(() =>
    {
        var font = new PictureFont();
        Fonts.FontResolvers.Add(font);
        return font;
    });

    private readonly SKTypeface typeface = Load();

    private PictureFont()
    {
    }

    /// <summary>The font for a text: the own one, or where it lacks a character one of the machine's that has them.</summary>
    public static string For(string text) => Registered.Value.typeface.ContainsGlyphs(text) ? Name : Fonts.Detect(text);

    /// <summary>The width of a text in pixels.</summary>
    public static float Width(string text, float size)
    {
        using var font = new SKFont(Registered.Value.typeface, size);
        return font.MeasureText(text);
    }

    /// <summary>A text, cut with an ellipsis where it is wider than the pixels that there are.</summary>
    public static string Shortened(string text, float size, float width)
    {
        var length = text.Length;
        while (length > 0 && Width(text[..length], size) > width)
        {
            length--;
        }

        return length == text.Length ? text : text[..length] + "…";
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? this.typeface : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? this.typeface : null;

    private static SKTypeface Load()
    {
        using var stream = typeof(PictureFont).Assembly.GetManifestResourceStream("Mmoe.Cli.Fonts.DejaVuSans.subset.ttf")!;
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException("The font of pictures cannot be read.");
    }
}
