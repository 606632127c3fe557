using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;
using Mmoe.Generators.Analyzers;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>Applies a code fix of the analyzer of texts, place by place and to all at once, and compares with what is expected.</summary>
/// <remarks>
/// Places are marked as <c>{|MMOE101:…|}</c>, before and after: whatever is reported and not marked fails, and so does code that does not
/// compile.
/// </remarks>
internal static class FixAssert
{
    /// <summary>Expects that fixing every file, one place after the other and all at once, gives these files.</summary>
    /// <param name="before">The files.</param>
    /// <param name="after">The files once everything that can be fixed is.</param>
    /// <param name="title">The title of the first fix.</param>
    public static Task Fixes<TFixer>(string[] before, string[] after, string title)
        where TFixer : CodeFixProvider, new() => Test<TFixer>(before, after, title).RunAsync();

    /// <summary>Expects that there is nothing to fix, though something is reported.</summary>
    public static Task Offers<TFixer>(string nothing)
        where TFixer : CodeFixProvider, new() => Test<TFixer>([nothing], [nothing], null).RunAsync();

    private static DatasetsTest<TFixer> Test<TFixer>(string[] before, string[] after, string? title)
        where TFixer : CodeFixProvider, new()
    {
        // One after the other or all at once, the first place comes first; those that follow it have their own titles.
        var first = true;
        var test = new DatasetsTest<TFixer>
        {
            CodeActionVerifier = (action, verifier) =>
            {
                if (first)
                {
                    verifier.Equal(title, action.Title);
                    first = false;
                }
            },
        };
        foreach (var source in before)
        {
            test.TestState.Sources.Add(source);
        }

        foreach (var source in after)
        {
            test.FixedState.Sources.Add(source);
        }

        return test;
    }

    private sealed class DatasetsTest<TFixer> : CSharpCodeFixTest<VocabularyTextAnalyzer, TFixer, DefaultVerifier>
        where TFixer : CodeFixProvider, new()
    {
        public DatasetsTest()
        {
            // All references are given: nothing is to be downloaded.
            this.ReferenceAssemblies = new("net10.0");
            this.TestState.AdditionalReferences.AddRange(GeneratorHost.Compilation().References.Append(AnalyzerAssert.DatasetsAssembly));
            this.TestState.Sources.Add(("Usings.cs", AnalyzerAssert.Usings));
            this.FixedState.Sources.Add(("Usings.cs", AnalyzerAssert.Usings));
            this.FixedState.MarkupHandling = MarkupMode.Allow;
        }

        protected override ParseOptions CreateParseOptions() => new CSharpParseOptions(LanguageVersion.CSharp14);
    }
}
