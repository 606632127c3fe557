using System.Text;

namespace Mmoe.Data;

/// <summary>Text from a file as it stands in a fault.</summary>
internal static class Displayed
{
    private const int Longest = 60;

    /// <summary>
    /// The text in quotation marks, shortened, with U+FFFD for what is not UTF-8 and for control characters, which could steer a terminal.
    /// </summary>
    public static string Quoted(ReadOnlySpan<byte> utf8)
    {
        // A UTF-16 character takes at most three bytes, so this much is enough to fill what is shown.
        var cut = utf8.Length > Longest * 3;
        var text = Encoding.UTF8.GetString(cut ? utf8[..(Longest * 3)] : utf8);
        cut |= text.Length > Longest;
        var shown = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            shown.Append(char.IsControl(c) ? '\uFFFD' : c);
        }

        return shown.Append(cut ? "...'" : "'").ToString();
    }
}
