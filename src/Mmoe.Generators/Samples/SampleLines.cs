using Mmoe.Generators.Diagnostics;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Samples;

/// <summary>The lines of a sample, as <c>Mmoe.Data</c> counts them: LF, CR LF and CR end a line.</summary>
/// <remarks>Roslyn's lines also end at U+0085, U+2028 and U+2029, which in a CSV file are characters of a field.</remarks>
internal sealed class SampleLines
{
    private readonly List<int> starts = [0];

    /// <summary>Finds the lines of a text.</summary>
    public SampleLines(string text)
    {
        for (var end = text.IndexOfAny(['\n', '\r']); end >= 0; end = text.IndexOfAny(['\n', '\r'], this.starts[this.starts.Count - 1]))
        {
            this.starts.Add(text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1);
        }
    }

    /// <summary>The place of a span.</summary>
    public LocationInfo Locate(string path, JsonSpan span)
    {
        var (startLine, startCharacter) = this.Position(span.Start);
        var (endLine, endCharacter) = this.Position(span.End);
        return new(path, span.Start, span.Length, startLine, startCharacter, endLine, endCharacter);
    }

    private (int Line, int Character) Position(int place)
    {
        var found = this.starts.BinarySearch(place);
        var line = found >= 0 ? found : ~found - 1;
        return (line, place - this.starts[line]);
    }
}
