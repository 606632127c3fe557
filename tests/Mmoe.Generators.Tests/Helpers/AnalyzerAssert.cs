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
    /// <summary>The datasets for code under test: <c>SmallLoans</c>, and <c>Large</c> with a vocabulary that is a struct.</summary>
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

    private static readonly CSharpCompilation Together = GeneratorHost.Compile(Datasets, Usings);

    private static readonly CSharpCompilation Apart = GeneratorHost.Compilation(Usings).AddReferences(DatasetsAssembly);

    /// <summary>
    /// Expects exactly these diagnostics of C#, each written as <c>line,column [underlined] severity ID: message</c>; once with the
    /// vocabularies in the same compilation, and once in another assembly.
    /// </summary>
    public static async Task Reports(string code, params string[] expected)
    {
        var file = GeneratorHost.Parse(code, "User.cs");
        await Reports(Together.AddSyntaxTrees(file), file, expected);
        await Reports(Apart.AddSyntaxTrees(file), file, expected);
    }

    /// <summary>Expects exactly these diagnostics of a file, and none elsewhere in its compilation.</summary>
    public static async Task Reports(CSharpCompilation compilation, SyntaxTree file, params string[] expected) =>
        DiagnosticAssert.Compare(expected, (await Found(compilation, file)).Select(Describe));

    /// <summary>What the analyzers report of a file, in its order; there is nothing to report elsewhere.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Found(CSharpCompilation compilation, SyntaxTree file)
    {
        Assert.DoesNotContain(compilation.GetSemanticModel(file).GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
        var failures = new List<string>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            (exception, _, _) => failures.Add(exception.ToString()),
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false);
        var found = await compilation.WithAnalyzers(Analyzers, options).GetAnalyzerDiagnosticsAsync();
        Assert.Empty(failures);
        Assert.All(found, d => Assert.Same(file, d.Location.SourceTree));
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    private static string Describe(Diagnostic diagnostic)
    {
        var underlined = diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan);
        return $"{DiagnosticAssert.Position(diagnostic.Location)} [{underlined}] {diagnostic.Severity.ToString().ToLowerInvariant()} "
            + $"{diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
    }
}
