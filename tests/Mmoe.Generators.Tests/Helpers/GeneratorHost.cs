using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Mmoe.Generators.Tests.Helpers;

/// <summary>A file as the compiler hands it to a generator.</summary>
internal sealed class TextFile(string path, string? text) : AdditionalText
{
    public override string Path => path;

    public override SourceText? GetText(CancellationToken cancellationToken = default) =>
        text is null ? null : SourceText.From(text, Encoding.UTF8);
}

/// <summary>Runs the generator in memory and compiles what it emits.</summary>
internal static class GeneratorHost
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal)
                || name is "netstandard.dll" or "Mmoe.Data.dll" or "LanguageExt.Core.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>A compilation of C# files, as strict as this solution is.</summary>
    public static CSharpCompilation Compilation(params string[] sources) => CSharpCompilation.Create(
        "Consumer",
        sources.Select((source, i) => Parse(source, $"Source{i}.cs")),
        References,
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999));

    /// <summary>The compilation of a project that does not refer to Mmoe.Data.</summary>
    public static CSharpCompilation WithoutRuntime(this CSharpCompilation compilation) =>
        compilation.RemoveReferences(compilation.References.Where(r => Path.GetFileName(r.Display) == "Mmoe.Data.dll"));

    /// <summary>A C# file.</summary>
    public static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source, ParseOptions, path, Encoding.UTF8);

    /// <summary>A driver over additional files; it tracks steps unless told not to, since that takes long for many files.</summary>
    public static GeneratorDriver Driver(
        IEnumerable<AdditionalText> files, string? rootNamespace = "Consumer", bool tracks = true, bool isRuntime = false) =>
        CSharpGeneratorDriver.Create(
            [new MmoeGenerator().AsSourceGenerator()],
            files,
            ParseOptions,
            new Options(rootNamespace, isRuntime),
            new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: tracks));

    /// <summary>What the generator makes of one schema.</summary>
    public static GeneratorDriverRunResult Run(string schema) => Run(("datasets/one.schema.json", schema));

    /// <summary>What the generator makes of schemas.</summary>
    public static GeneratorDriverRunResult Run(params (string Path, string Text)[] schemas) =>
        Driver(schemas.Select(s => new TextFile(s.Path, s.Text))).RunGenerators(Compilation()).GetRunResult();

    /// <summary>The source of one emitted file.</summary>
    public static string Source(this GeneratorDriverRunResult result, string hintName) =>
        result.Results.Single().GeneratedSources.Single(s => s.HintName == hintName).SourceText.ToString();

    /// <summary>Emitted code of a schema, compiled together with a user's C#.</summary>
    public static CSharpCompilation Compile(string schema, params string[] sources) => Compile([schema], sources);

    /// <summary>Emitted code of schemas, compiled together with a user's C#.</summary>
    public static CSharpCompilation Compile(string[] schemas, params string[] sources)
    {
        Driver(schemas.Select((schema, i) => new TextFile($"datasets/{i}.schema.json", schema)))
            .RunGeneratorsAndUpdateCompilation(Compilation(sources), out var compilation, out var diagnostics);
        Assert.Empty(diagnostics);
        return (CSharpCompilation)compilation;
    }

    /// <summary>Emitted code of schemas as an assembly that others refer to.</summary>
    public static MetadataReference Assembly(params string[] schemas)
    {
        using var stream = new MemoryStream();
        Assert.True(Compile(schemas).WithAssemblyName("Datasets").Emit(stream).Success);
        return MetadataReference.CreateFromImage(stream.ToArray());
    }

    /// <summary>Warnings and errors, as <c>ID: text of the place</c>.</summary>
    public static string[] Complaints(this Compilation compilation) =>
    [
        .. compilation.GetDiagnostics()
            .Where(d => d.Severity >= DiagnosticSeverity.Warning)
            .Select(d => $"{d.Id} at '{d.Location.SourceTree?.GetText().ToString(d.Location.SourceSpan)}': {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}"),
    ];

    /// <summary>Loads a compilation and calls <c>Script.Run()</c>, which a test wrote in C#, typed.</summary>
    public static string RunScript(this CSharpCompilation compilation)
    {
        Assert.Empty(compilation.Complaints());
        using var stream = new MemoryStream();
        Assert.True(compilation.Emit(stream).Success);
        stream.Position = 0;
        var context = new AssemblyLoadContext(null, isCollectible: true);
        try
        {
            var run = context.LoadFromStream(stream).GetType("Script")!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!;
            return (string)run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;
        }
        finally
        {
            context.Unload();
        }
    }

    /// <summary>Options of a project that say its root namespace.</summary>
    public static AnalyzerConfigOptionsProvider ConfigOptions(string? rootNamespace) => new Options(rootNamespace);

    private sealed class Options(string? rootNamespace, bool isRuntime = false) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(rootNamespace, isRuntime);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Values(null);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Values(null);
    }

    private sealed class Values(string? rootNamespace, bool isRuntime = false) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, out string value)
        {
            value = key == MmoeGenerator.RootNamespaceProperty && rootNamespace is not null ? rootNamespace
                : key == MmoeGenerator.IsRuntimeProperty && isRuntime ? "true"
                : "";
            return value.Length > 0;
        }
    }
}
