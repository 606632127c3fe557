using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Mmoe.Generators.Emitting;
using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Samples;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>Broken schemas of every kind: the generator must report, and neither throw nor hang.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Sound = [Schemas.Small, Schemas.Synthetic, Schemas.Least, Schemas.WithValues(["a", "b", "?"])];

    [Fact]
    public void No_schema_makes_it_throw()
    {
        var (emitted, sound) = (0, 0);
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var schema = Sound[seed % Sound.Length];
            schema = seed % 3 == 0 ? Mutations.OfText(schema, random) : Mutations.OfValues(schema, random);
            try
            {
                var parsed = SchemaParser.Parse(schema);
                Assert.True(parsed.Dataset is not null || parsed.Problems.Count > 0);
                Assert.All(parsed.Problems, p => Assert.InRange(p.Span.End, p.Span.Start, schema.Length));
                if (parsed.Dataset is { } dataset)
                {
                    emitted++;
                    sound += parsed.Problems.Count == 0 ? 1 : 0;
                    var source = DatasetEmitter.Emit(new("Fuzz.Datasets", dataset));
                    if (seed % 20 == 0)
                    {
                        Assert.Empty(CSharpSyntaxTree.ParseText(source, new(LanguageVersion.CSharp14)).GetDiagnostics());
                    }
                }
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {exception}\n{schema}");
            }
        }

        // Were nearly all of them refused at once, or none, the test would say little.
        Assert.InRange(emitted, 1_000, 4_900);
        Assert.InRange(sound, 100, 2_500);
    }

    [Fact]
    public void What_has_no_problem_compiles()
    {
        var compiled = 0;
        for (var seed = 0; seed < 3_000 && compiled < 30; seed++)
        {
            var schema = Mutations.OfValues(Sound[seed % Sound.Length], new Random(100_000 + seed));
            if (SchemaParser.Parse(schema).Problems.Count > 0)
            {
                continue;
            }

            compiled++;
            var complaints = GeneratorHost.Compile(schema).Complaints();
            Assert.True(complaints.Length == 0, $"seed {seed}: {string.Join("; ", complaints)}\n{schema}");
        }

        Assert.Equal(30, compiled);
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
        for (var seed = 0; seed < 2_000; seed++)
        {
            var schema = Mutations.OfValues(Sound[seed % Sound.Length], new Random(seed));
            if (SchemaParser.Parse(schema).Dataset is { } dataset)
            {
                Assert.All(dataset.Tasks, task => Assert.True(dataset.Columns[task.Column] is CategoricalLabelModel or NumericLabelModel));
                var identifiers = dataset.Columns.Select(c => c.Identifier).ToArray();
                Assert.Equal(identifiers.Length, identifiers.Distinct(StringComparer.Ordinal).Count());
            }
        }
    }
}
