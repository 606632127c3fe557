using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Diagnostics;

/// <summary>A place in a schema file as plain numbers; comparable, and free of what Roslyn would keep alive.</summary>
/// <param name="Path">The file.</param>
/// <param name="Start">The first character.</param>
/// <param name="Length">The number of characters.</param>
/// <param name="StartLine">The first line, from 0.</param>
/// <param name="StartCharacter">The first character in that line, from 0.</param>
/// <param name="EndLine">The last line, from 0.</param>
/// <param name="EndCharacter">The character after the last one in that line, from 0.</param>
internal sealed record LocationInfo(string Path, int Start, int Length, int StartLine, int StartCharacter, int EndLine, int EndCharacter)
{
    /// <summary>The place of a span in a file.</summary>
    public static LocationInfo Of(string path, SourceText text, JsonSpan span)
    {
        var inside = TextSpan.FromBounds(Math.Min(span.Start, text.Length), Math.Min(span.End, text.Length));
        var lines = text.Lines.GetLinePositionSpan(inside);
        return new(path, inside.Start, inside.Length, lines.Start.Line, lines.Start.Character, lines.End.Line, lines.End.Character);
    }

    /// <summary>The place as Roslyn wants it.</summary>
    public Location ToLocation() => Location.Create(
        this.Path,
        new TextSpan(this.Start, this.Length),
        new LinePositionSpan(new(this.StartLine, this.StartCharacter), new(this.EndLine, this.EndCharacter)));
}

/// <summary>A diagnostic as a value; the real one is made where it is reported.</summary>
/// <param name="Id">The rule.</param>
/// <param name="Location">The offending characters.</param>
/// <param name="Arguments">What fills the rule's message.</param>
/// <param name="Other">A second place that explains it.</param>
internal sealed record DiagnosticInfo(string Id, LocationInfo Location, EquatableArray<string> Arguments, LocationInfo? Other = null)
{
    /// <summary>The diagnostic of a schema's problem.</summary>
    public static DiagnosticInfo Of(SchemaProblem problem, string path, SourceText text) => new(
        problem.Id,
        LocationInfo.Of(path, text, problem.Span),
        problem.Arguments,
        problem.Other is { } other ? LocationInfo.Of(path, text, other) : null);

    /// <summary>The diagnostic as Roslyn wants it.</summary>
    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        SchemaDescriptors.ById[this.Id],
        this.Location.ToLocation(),
        this.Other is null ? [] : [this.Other.ToLocation()],
        [.. this.Arguments]);
}
