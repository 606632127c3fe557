using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Mmoe.Generators.Analyzers;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>Compares what the analyzers report of C# with what a test expects, all of it.</summary>
internal static class AnalyzerAssert
{
    /// <summary>The datasets that code under test may use: <c>SmallLoans</c>, and <c>Large</c> with a vocabulary that is a struct.</summary>
    public static readonly string[] Datasets =
    [
        Schemas.Small,
        Schemas.WithValues(Enumerable.Range(0, 300).Select(i => $"v{i}")).But("\"least\"", "\"large\""),
    ];

    /// <summary>All analyzers: a test of one rule is a test that the others keep quiet.</summary>
    public static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
        [new VocabularyTextAnalyzer(), new VocabularySwitchAnalyzer(), new EnumNameAnalyzer()];

    /// <summary>What code under test need not say.</summary>
    public const string Usings =
        "global using System; global using System.Linq; global using Mmoe.Data; global using Consumer.Datasets;";

    /// <summary>The datasets as an assembly.</summary>
    public static readonly MetadataReference DatasetsAssembly = GeneratorHost.Assembly(Datasets);

    /// <summary>
    /// Expects exactly these diagnostics of C#, each written as <c>line,column [underlined] severity ID: message</c>; once with the
    /// vocabularies in the same compilation, and once in another assembly.
    /// </summary>
    public static async Task Reports(string code, params string[] expected)
    {
        await Reports(GeneratorHost.Compile(Datasets, code, Usings), expected);
        await Reports(GeneratorHost.Compilation(code, Usings).AddReferences(DatasetsAssembly), expected);
    }

    /// <summary>Expects exactly these diagnostics of a compilation's first file.</summary>
    public static async Task Reports(CSharpCompilation compilation, params string[] expected) =>
        DiagnosticAssert.Compare(expected, (await Found(compilation)).Select(Describe));

    /// <summary>What the analyzers report of a compilation's first file, in its order.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Found(CSharpCompilation compilation)
    {
        Assert.DoesNotContain(compilation.GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
        var failures = new List<string>();
        var found = await compilation
            .WithAnalyzers(
                Analyzers,
                new CompilationWithAnalyzersOptions(
                    new AnalyzerOptions([]), (exception, _, _) => failures.Add(exception.ToString()), concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync();
        Assert.Empty(failures);
        Assert.All(found, d => Assert.Same(compilation.SyntaxTrees[0], d.Location.SourceTree));
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    private static string Describe(Diagnostic diagnostic)
    {
        var underlined = diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);
        return $"{DiagnosticAssert.Position(diagnostic.Location)} [{underlined}] {diagnostic.Severity.ToString().ToLowerInvariant()} "
            + $"{diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
    }
}
