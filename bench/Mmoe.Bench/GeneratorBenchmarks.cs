using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators;

namespace Mmoe.Bench;

/// <summary>What the generator costs a compiler that has been running for a while, as in an IDE or a build server.</summary>
[MemoryDiagnoser]
public class GeneratorBenchmarks
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14);

    private CSharpCompilation compilation = null!;
    private CSharpCompilation edited = null!;
    private GeneratorDriver warm = null!;
    private SchemaFile file = null!;
    private SchemaFile moved = null!;
    private SchemaFile grown = null!;
    private SchemaFile other = null!;

    /// <summary>The schema: 499 features in 42 columns, or one column of 20,000 values.</summary>
    [Params(SampleSchemas.Census, SampleSchemas.Large)]
    public string Schema { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var text = SampleSchemas.Text(this.Schema);
        this.file = new(text);
        this.moved = new("\n" + text);
        this.grown = new(SampleSchemas.WithOneValueMore(text));
        this.other = new(SampleSchemas.Text(SampleSchemas.Census).Replace("\"census-income\"", "\"another\"", StringComparison.Ordinal), "another.schema.json");
        this.compilation = Compilation();
        this.edited = this.compilation.ReplaceSyntaxTree(
            this.compilation.SyntaxTrees[0], CSharpSyntaxTree.ParseText("class A { int b; }", ParseOptions));
        this.warm = Driver(this.file).RunGenerators(this.compilation);
        var result = this.warm.GetRunResult();
        if (result.Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error) || result.GeneratedTrees.Length != 2)
        {
            throw new InvalidOperationException("the schema does not generate");
        }
    }

    /// <summary>A driver that has seen nothing.</summary>
    [Benchmark(Baseline = true)]
    public GeneratorDriver Cold() => Driver(this.file).RunGenerators(this.compilation);

    /// <summary>After a keystroke in C#.</summary>
    [Benchmark]
    public GeneratorDriver EditOfCSharp() => this.warm.RunGenerators(this.edited);

    /// <summary>After a line break at the schema's start.</summary>
    [Benchmark]
    public GeneratorDriver LineMoved() => this.warm.ReplaceAdditionalText(this.file, this.moved).RunGenerators(this.compilation);

    /// <summary>After one more value in a vocabulary.</summary>
    [Benchmark]
    public GeneratorDriver ValueAdded() => this.warm.ReplaceAdditionalText(this.file, this.grown).RunGenerators(this.compilation);

    /// <summary>After another schema joined: this one is not touched, the other one is generated.</summary>
    [Benchmark]
    public GeneratorDriver SchemaAdded() => this.warm.AddAdditionalTexts([this.other]).RunGenerators(this.compilation);

    internal static GeneratorDriver Driver(AdditionalText file) =>
        CSharpGeneratorDriver.Create([new MmoeGenerator().AsSourceGenerator()], [file], ParseOptions);

    internal static CSharpCompilation Compilation() => CSharpCompilation.Create(
        "Consumer",
        [CSharpSyntaxTree.ParseText("class A { int a; }", ParseOptions)],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name == "Mmoe.Data.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
        new(OutputKind.DynamicallyLinkedLibrary));
}

/// <summary>The first run in a new process: what JIT compilation adds, as at the first build of the day.</summary>
[SimpleJob(RunStrategy.ColdStart, launchCount: 15, warmupCount: 0, iterationCount: 1, invocationCount: 1)]
public class GeneratorFirstRun
{
    private CSharpCompilation compilation = null!;
    private SchemaFile file = null!;

    /// <summary>The schema.</summary>
    [Params(SampleSchemas.Census, SampleSchemas.Large)]
    public string Schema { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        this.file = new(SampleSchemas.Text(this.Schema));
        this.compilation = GeneratorBenchmarks.Compilation();
    }

    /// <summary>What Roslyn itself needs for the first run of any generator.</summary>
    [Benchmark(Baseline = true)]
    public GeneratorDriver FirstRunOfAnEmptyGenerator() =>
        CSharpGeneratorDriver.Create([new EmptyGenerator().AsSourceGenerator()], [this.file]).RunGenerators(this.compilation);

    [Benchmark]
    public GeneratorDriver FirstRun() => GeneratorBenchmarks.Driver(this.file).RunGenerators(this.compilation);
}

/// <summary>Emits one constant file from one additional file.</summary>
internal sealed class EmptyGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
        context.AdditionalTextsProvider.Select(static (file, _) => file.Path),
        static (output, path) => output.AddSource("Empty.g.cs", SourceText.From($"// {path}\n", Encoding.UTF8)));
}

/// <summary>A schema as the compiler hands it to a generator.</summary>
internal sealed class SchemaFile(string text, string path = "one.schema.json") : AdditionalText
{
    private readonly SourceText source = SourceText.From(text, Encoding.UTF8);

    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => this.source;
}

/// <summary>The schemas that are measured.</summary>
internal static class SampleSchemas
{
    public const string Census = "census-income";
    public const string Large = "20,000 values";

    public static string Text(string name)
    {
        if (name == Large)
        {
            return LargeText;
        }

        using var stream = typeof(SampleSchemas).Assembly.GetManifestResourceStream("census-income.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The same with one more value in its first vocabulary, and nothing said of the number of features.</summary>
    public static string WithOneValueMore(string schema)
    {
        const string Stated = "  \"num_features\": 499,\n";
        const string Vocabulary = "\"vocabulary\": [";
        var text = schema.Replace(Stated, "", StringComparison.Ordinal);
        var at = text.IndexOf(Vocabulary, StringComparison.Ordinal) + Vocabulary.Length;
        return text[..at] + "\"one value more\"," + text[at..];
    }

    private static string LargeText { get; } = $$"""
        {
          "name": "large",
          "description": "One column of many values.",
          "source": {
            "files": { "all": { "path": "all.csv" } },
            "splits": {
              "train": { "file": "all", "modulo": 3, "remainders": [0] },
              "validation": { "file": "all", "modulo": 3, "remainders": [1] },
              "test": { "file": "all", "modulo": 3, "remainders": [2] }
            }
          },
          "columns": [
            { "name": "merchant", "kind": "categorical", "vocabulary": [{{string.Join(", ", Values())}}] },
            { "name": "y", "kind": "numeric", "role": "label" }
          ],
          "tasks": [ { "name": "y", "kind": "regression", "column": "y" } ]
        }
        """;

    private static IEnumerable<string> Values() =>
        Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"merchant number {i}\""));
}
