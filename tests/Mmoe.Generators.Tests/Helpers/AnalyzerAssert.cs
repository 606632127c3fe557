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
    [
        new VocabularyTextAnalyzer(), new VocabularySwitchAnalyzer(), new EnumNameAnalyzer(), new VocabularyMatchAnalyzer(),
        new UnnamedValueSuppressor(),
    ];

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

    /// <summary>The same of code that the compiler refuses, with the ids of its errors in the file's order.</summary>
    public static async Task ReportsOfBroken(string code, string errors, params string[] expected)
    {
        var file = GeneratorHost.Parse(code, "User.cs");
        foreach (var compilation in new[] { Together.AddSyntaxTrees(file), Apart.AddSyntaxTrees(file) })
        {
            Assert.Equal(errors, string.Join(' ', Errors(compilation, file).OrderBy(d => d.Location.SourceSpan.Start).Select(d => d.Id)));
            DiagnosticAssert.Compare(expected, (await Found(compilation, file)).Select(Describe));
        }
    }

    /// <summary>Expects exactly these diagnostics of a file, and none elsewhere in its compilation.</summary>
    public static async Task Reports(CSharpCompilation compilation, SyntaxTree file, params string[] expected)
    {
        Assert.Empty(Errors(compilation, file));
        DiagnosticAssert.Compare(expected, (await Found(compilation, file)).Select(Describe));
    }

    /// <summary>What the analyzers report of a file, and the compiler's errors, in the file's order.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> FoundWithErrors(CSharpCompilation compilation, SyntaxTree file) =>
        [.. Errors(compilation, file).Concat(await Found(compilation, file)).OrderBy(d => d.Location.SourceSpan.Start)];

    private static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation, SyntaxTree file) =>
        compilation.GetSemanticModel(file).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error);

    /// <summary>
    /// Expects exactly these warnings of the compiler about code, each written as <c>line,column [underlined] ID</c>, with <c> taken back</c>
    /// at the end where a suppressor does so; both where warnings are such and where they are errors.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="noWarn">An id that the project does not want to hear of.</param>
    /// <param name="expected">The warnings.</param>
    public static async Task Warns(string code, string? noWarn, params string[] expected)
    {
        var specific = noWarn is null ? [] : new Dictionary<string, ReportDiagnostic> { [noWarn] = ReportDiagnostic.Suppress };
        var file = GeneratorHost.Parse(code, "User.cs");
        foreach (var severity in new[] { ReportDiagnostic.Default, ReportDiagnostic.Error })
        {
            foreach (var compilation in new[] { Together, Apart })
            {
                var strict = compilation.AddSyntaxTrees(file).WithOptions(
                    compilation.Options.WithGeneralDiagnosticOption(severity).WithSpecificDiagnosticOptions(specific));
                var all = await Run(strict, analysis => analysis.GetAllDiagnosticsAsync());
                DiagnosticAssert.Compare(expected, all
                    .Where(d => d.Id.StartsWith("CS", StringComparison.Ordinal) && d.DefaultSeverity == DiagnosticSeverity.Warning)
                    .OrderBy(d => d.Location.SourceSpan.Start)
                    .Select(d => $"{DiagnosticAssert.Position(d.Location)} [{Underlined(d)}] {d.Id}{(d.IsSuppressed ? " taken back" : "")}"));
            }
        }
    }

    // There is nothing to report elsewhere.
    private static async Task<IReadOnlyList<Diagnostic>> Found(CSharpCompilation compilation, SyntaxTree file)
    {
        var found = (await Run(compilation, analysis => analysis.GetAnalyzerDiagnosticsAsync())).Where(d => !d.IsSuppressed).ToArray();
        Assert.All(found, d => Assert.Same(file, d.Location.SourceTree));
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    private static async Task<ImmutableArray<Diagnostic>> Run(
        CSharpCompilation compilation, Func<CompilationWithAnalyzers, Task<ImmutableArray<Diagnostic>>> ask)
    {
        var failures = new List<string>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            (exception, _, _) => failures.Add(exception.ToString()),
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false,
            reportSuppressedDiagnostics: true);
        var found = await ask(compilation.WithAnalyzers(Analyzers, options));
        Assert.Empty(failures);
        return found;
    }

    private static string Describe(Diagnostic diagnostic) =>
        $"{DiagnosticAssert.Position(diagnostic.Location)} [{Underlined(diagnostic)}] {diagnostic.Severity.ToString().ToLowerInvariant()} "
        + $"{diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";

    private static string Underlined(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan);
}
