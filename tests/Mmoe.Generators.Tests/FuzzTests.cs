using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Emitting;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Samples;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>Broken schemas of every kind: the generator must report, and neither throw nor hang, and what it emits must compile.</summary>
/// <remarks>
/// A seed is a mutant, the same on every machine. All mutants go through the whole generator. Of those that are emitted, two thousand are
/// compiled; all of them, in about twenty minutes, with
/// <c>MMOE_FUZZ_COMPILE=all dotnet test tests/Mmoe.Generators.Tests -c Release --filter FuzzTests.What_is_emitted</c>.
/// </remarks>
public sealed partial class FuzzTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Mutants = 100_000;

    // Compiling one by one would take ten times as long: most of the time goes into reading the references.
    private const int PerCompilation = 40;

    private const int PerProject = 50;

    // Prime, so that every schema that mutants start from, and every kind of mutation, has its share.
    private const int Stride = 29;

    /// <summary>The longest that one schema of this size may take; a hang would take forever.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static readonly CSharpCompilation NoCode = GeneratorHost.Compilation();

    private static readonly string[] Sound =
    [
        Schemas.Small,
        Schemas.Synthetic,
        Schemas.Least,
        Schemas.WithValues(["a", "b", "?"]),
        Schemas.WithValues(Enumerable.Range(0, VocabularyModel.MaxEnum + 1).Select(i => $"value {i}")),
    ];

    private static bool CompilesAll => Environment.GetEnvironmentVariable("MMOE_FUZZ_COMPILE") == "all";

    /// <summary>All mutants go through the whole generator, as the files of many projects.</summary>
    [Fact]
    public void No_schema_makes_it_throw_or_hang()
    {
        var (emitted, sound) = (0, 0);
        Watched(Longest, at =>
        {
            for (var first = 0; first < Mutants; first += PerProject)
            {
                at(first);
                var files = Project(first);
                var result = GeneratorHost.Driver(files, tracks: false).RunGenerators(NoCode).GetRunResult();
                var run = Assert.Single(result.Results);
                Assert.True(run.Exception is null, $"{Culprit(files)}: {run.Exception}");
                emitted += run.GeneratedSources.Length - 1;
                sound += files.Length - AssertReported(files, result.Diagnostics);
                Assert.Contains("Registry.g.cs", run.GeneratedSources.Select(s => s.HintName));
            }
        });

        // Were nearly all of them refused at once, or none, the test would say little.
        output.WriteLine($"of {Mutants} mutants {emitted} are emitted, {sound} are sound");
        Assert.InRange(emitted, Mutants * 2 / 10, Mutants * 98 / 100);
        Assert.InRange(sound, Mutants * 2 / 100, Mutants / 2);
    }

    /// <summary>The valid part of a broken schema too: its errors must not come with a tail of C# ones.</summary>
    [Fact]
    public void What_is_emitted_compiles()
    {
        var compiled = 0;
        var batch = new List<SyntaxTree>();
        for (var seed = 0; seed < Mutants && (CompilesAll || compiled < 2_000); seed++)
        {
            Generate(seed, Mutant(seed), out var source);
            if (source is not null && (CompilesAll || seed % Stride == 0))
            {
                compiled++;
                batch.Add(CSharpSyntaxTree.ParseText(
                    source, new(LanguageVersion.CSharp14, DocumentationMode.Diagnose), seed.ToString(CultureInfo.InvariantCulture)));
            }

            if (batch.Count == PerCompilation)
            {
                AssertCompiles(batch);
                batch.Clear();
            }
        }

        AssertCompiles(batch);
        output.WriteLine($"{compiled} of {Mutants} mutants were compiled");
        Assert.InRange(compiled, 2_000, Mutants);
    }

    [Fact]
    public void Many_mistakes_over_a_large_vocabulary_do_not_take_long()
    {
        var positive = string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"wrong value number {i}\""));
        var values = string.Join(",", Enumerable.Range(0, 60_000).Select(i => $"\"right value number {i}\""));
        var schema = Schemas.Small.But("[\"no\", \"yes\"]", $"[{values}]").But("[\"yes\"]", $"[{positive}]");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(20_000, SchemaParser.Parse(schema).Problems.Count);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public void No_schema_and_no_sample_make_the_check_throw()
    {
        var (checkedAll, found) = (0, 0);
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(200_000 + seed);
            var schema = seed % 3 == 0 ? Schemas.Sampled : Mutations.OfValues(Schemas.Sampled, random);
            var sample = seed % 3 == 1 ? Schemas.Sample : Mutations.OfText(Schemas.Sample, random);
            try
            {
                if (SchemaParser.Parse(schema).Sample is { } parsed)
                {
                    var located = SamplePipeline.Locate(parsed, "a.schema.json", SourceText.From(schema));
                    var problems = SampleChecker.Check(new(located, new("s.csv", "s.csv", sample, null)), default);
                    Assert.All(problems, p => Assert.InRange(p.Location.Start + p.Location.Length, p.Location.Start, sample.Length));
                    Assert.Equal(problems.Select(p => p.Location.Start).Order(), problems.Select(p => p.Location.Start));
                    checkedAll += located.Rules is null ? 0 : 1;
                    found += problems.Count == 0 ? 0 : 1;
                }
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {exception}\n{schema}\n{sample}");
            }
        }

        Assert.InRange(checkedAll, 1_500, 2_990);
        Assert.InRange(found, 700, checkedAll - 500);
    }

    [Theory]
    [InlineData("a line without an end")]
    [InlineData("quotes")]
    [InlineData("delimiters")]
    [InlineData("line ends")]
    [InlineData("zeros")]
    [InlineData("wrong values")]
    [InlineData("numbers")]
    [InlineData("ten megabytes")]
    public void A_hostile_sample_does_not_take_long(string kind)
    {
        const int Most = SampleChecker.MaxCharacters;
        const string Header = "age; home; income; officer; sex; survey weight; defaulted; grade; loss\n";
        var sample = kind switch
        {
            "a line without an end" => Header + new string('x', Most - Header.Length),
            "quotes" => Header + new string('"', Most - Header.Length),
            "delimiters" => Header + new string(';', Most - Header.Length),
            "line ends" => Header + new string('\r', Most - Header.Length),
            "zeros" => new string('\0', Most),
            "wrong values" => Header + string.Concat(
                Enumerable.Repeat("wrong value;wrong value;;;wrong value;;wrong value;wrong value;\n", 15_000)),
            "numbers" => Header + "-." + new string('9', Most / 3) + ";own;1e" + new string('9', Most / 3) + ";;F;1;no;A;-\n",
            _ => new string('x', 10_000_000),
        };

        // A vocabulary as large as can be, of values near to what the sample holds.
        var values = string.Join(",", Enumerable.Range(0, 60_000).Select(i => $"\"right value number {i}\""));
        var schema = Schemas.Sampled.But("[\"no\", \"yes\"]", $"[\"no\", \"yes\", {values}]");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var found = GeneratorHost.Run(("a.schema.json", schema), ("loans.sample.csv", sample)).Diagnostics;
        Assert.InRange(found.Length, 1, SampleChecker.MaxReported + 1);
        Assert.All(found, d => Assert.InRange(d.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Length, 1, 600));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
    }

    [Fact]
    public void A_model_of_a_broken_schema_names_only_columns_that_it_has()
    {
        for (var seed = 0; seed < 5_000; seed++)
        {
            var parsed = SchemaParser.Parse(Mutant(seed));
            Assert.True(parsed.Dataset is not null || parsed.Problems.Count > 0, $"seed {seed} gives neither a dataset nor a problem");
            if (parsed.Dataset is { } dataset)
            {
                Assert.All(dataset.Tasks, task => Assert.True(dataset.Columns[task.Column] is CategoricalLabelModel or NumericLabelModel));
                var identifiers = dataset.Columns.Select(c => c.Identifier).ToArray();
                Assert.Equal(identifiers.Length, identifiers.Distinct(StringComparer.Ordinal).Count());
            }
        }
    }

    /// <summary>The watch that the tests above rely on.</summary>
    [Fact]
    public void A_hang_is_told_by_its_seed()
    {
        using var end = new ManualResetEventSlim();
        var failure = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Watched(TimeSpan.FromMilliseconds(200), at =>
        {
            at(7);
            end.Wait();
        }));
        Assert.Contains("seed 7", failure.Message, StringComparison.Ordinal);
        end.Set();
    }

    // What is reported, in the order of each file and within it; the number of files with a problem.
    private static int AssertReported(TextFile[] files, IEnumerable<Diagnostic> diagnostics)
    {
        var byFile = diagnostics.GroupBy(d => d.Location.GetLineSpan().Path).ToArray();
        foreach (var found in byFile)
        {
            var length = files.Single(file => file.Path == found.Key).GetText()!.Length;
            var starts = found.Select(d => d.Location.SourceSpan.Start).ToArray();
            Assert.True(starts.Order().SequenceEqual(starts), $"{found.Key}: not in the order of the file");
            Assert.All(found, d => Assert.StartsWith("MMOE", d.Id, StringComparison.Ordinal));
            Assert.All(found, d => Assert.InRange(d.Location.SourceSpan.End, d.Location.SourceSpan.Start, length));
        }

        return byFile.Length;
    }

    // In every tenth project all mutants keep the dataset's name of the schema that they come from, so that nearly all clash; in the others
    // it gets the seed, so that nearly all are emitted.
    private static TextFile[] Project(int first) =>
    [
        .. Enumerable.Range(first, PerProject).Select(seed => new TextFile(
            $"datasets/{seed}.schema.json",
            first / PerProject % 10 == 0 ? Mutant(seed) : DatasetName().Replace(Mutant(seed), $"$1-{seed}$2"))),
    ];

    // A generator that throws says nothing of the file.
    private static string Culprit(TextFile[] files)
    {
        var alone = files.FirstOrDefault(file => GeneratorHost.Driver([file], tracks: false)
            .RunGenerators(NoCode).GetRunResult().Results.Single().Exception is not null);
        return alone is null ? $"{files[0].Path} and those that follow, together" : $"{alone.Path}\n{alone.GetText()}\n";
    }

    [GeneratedRegex("(\"(?:small-loans|waves|least))(\")")]
    private static partial Regex DatasetName();

    private static string Mutant(int seed)
    {
        var random = new Random(seed);
        var schema = Sound[seed % Sound.Length];
        return (seed % 4) switch
        {
            0 => Mutations.OfText(schema, random),
            1 => Mutations.OfValues(schema, random),
            2 => Mutations.OfStructure(schema, random),
            _ => Mutations.OfNames(schema, random),
        };
    }

    // Each in a namespace of its own, so that many compile together.
    private static ParsedSchema Generate(int seed, string schema, out string? source)
    {
        try
        {
            var parsed = SchemaParser.Parse(schema);
            source = parsed.Dataset is { } dataset ? DatasetEmitter.Emit(new($"Fuzz{seed}.Datasets", dataset)) : null;
            return parsed;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}:\n{schema}", exception);
        }
    }

    private static void AssertCompiles(IReadOnlyList<SyntaxTree> sources)
    {
        var compilation = GeneratorHost.Compilation().AddSyntaxTrees(sources);
        var complaints = compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).ToArray();
        Assert.True(complaints.Length == 0, string.Join('\n', complaints.Take(5).Select(c =>
            $"seed {c.Location.SourceTree?.FilePath}: {c}\n{Mutant(int.Parse(c.Location.SourceTree!.FilePath, CultureInfo.InvariantCulture))}")));
    }

    // A test cannot end a loop that does not end, but it can say where it is.
    private static void Watched(TimeSpan longest, Action<Action<int>> work)
    {
        var at = -1;
        var task = Task.Factory.StartNew(
            () => work(seed => Volatile.Write(ref at, seed)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var seen = int.MinValue; !task.Wait(longest);)
        {
            var now = Volatile.Read(ref at);
            Assert.True(now != seen || now < 0, $"seed {now} takes more than {longest.TotalSeconds:0.0} s");
            seen = now;
        }
    }
}
