using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>Compares what the generator reports with what a test expects, all of it.</summary>
internal static class DiagnosticAssert
{
    /// <summary>
    /// Expects exactly these diagnostics of a schema, each written as <c>line,column [underlined] ID: message</c>, with
    /// <c> (see line,column)</c> at the end where a second place is named, with its path if that is another file.
    /// </summary>
    public static void Reports(string schema, params string[] expected)
    {
        var result = GeneratorHost.Run(schema);
        Assert.Null(result.Results.Single().Exception);
        Compare(expected, result.Diagnostics.Select(d => Describe(d, schema)));
    }

    /// <summary>Expects exactly these diagnostics of several files, each written as <c>path:line,column [underlined] ID: message</c>.</summary>
    public static void Reports((string Path, string Text)[] files, params string[] expected)
    {
        var result = GeneratorHost.Run(files);
        Assert.Null(result.Results.Single().Exception);
        Compare(expected, result.Diagnostics.Select(d =>
        {
            var path = d.Location.GetLineSpan().Path;
            return $"{path}:{Describe(d, files.Single(f => f.Path == path).Text)}";
        }));
    }

    /// <summary>Expects these lines; where others were found, fails with the lines to write instead.</summary>
    public static void Compare(string[] expected, IEnumerable<string> found)
    {
        var actual = found.ToArray();
        if (!actual.SequenceEqual(expected))
        {
            Assert.Fail("Reported, as lines of the assertion:\n" + string.Join(",\n", actual.Select(a => $"\"{a.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"")));
        }
    }

    private static string Describe(Diagnostic diagnostic, string text)
    {
        Assert.Equal(diagnostic.Descriptor.DefaultSeverity, diagnostic.Severity);
        var span = diagnostic.Location.SourceSpan;
        var other = diagnostic.AdditionalLocations.Count == 0 ? "" : $" (see {Other(diagnostic)})";
        var message = diagnostic.GetMessage(CultureInfo.InvariantCulture);
        return $"{Position(diagnostic.Location)} [{text.Substring(span.Start, span.Length)}] {diagnostic.Id}: {message}{other}";
    }

    private static string Other(Diagnostic diagnostic)
    {
        var other = diagnostic.AdditionalLocations.Single();
        var path = other.GetLineSpan().Path;
        return path == diagnostic.Location.GetLineSpan().Path ? Position(other) : $"{path}:{Position(other)}";
    }

    /// <summary>The line and column of a place, from 1.</summary>
    public static string Position(Location location)
    {
        var start = location.GetLineSpan().StartLinePosition;
        return $"{start.Line + 1},{start.Character + 1}";
    }
}
