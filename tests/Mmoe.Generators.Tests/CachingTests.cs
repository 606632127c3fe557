using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mmoe.Generators.Tests.Helpers;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;

namespace Mmoe.Generators.Tests;

/// <summary>What each edit makes the generator do again, and what not.</summary>
public sealed partial class CachingTests
{
    private static readonly TextFile Loans = new("a.schema.json", Schemas.Small);
    private static readonly TextFile Waves = new("b.schema.json", Schemas.Synthetic);
    private static readonly TextFile Broken = new("c.schema.json", Schemas.Named("broken").But("\"column\": \"y\"", "\"column\": \"z\""));

    [Fact]
    public void An_edit_of_code_repeats_nothing()
    {
        var compilation = GeneratorHost.Compilation("class A;");
        var driver = GeneratorHost.Driver([Loans, Waves, Broken, .. Sampled]).RunGenerators(compilation);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class B;", new(LanguageVersion.CSharp14))));
        foreach (var name in TrackingNames.All)
        {
            Assert.All(Reasons(driver, name), reason => Assert.Equal(Cached, reason));
        }

        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void The_first_run_does_everything_once()
    {
        var driver = GeneratorHost.Driver([Loans, Waves, Broken]).RunGenerators(GeneratorHost.Compilation());
        Assert.Equal([New, New, New], Reasons(driver, TrackingNames.Parse));
        Assert.Equal([New, New, New], Reasons(driver, TrackingNames.Dataset));
        Assert.All(Outputs(driver), reason => Assert.Equal(New, reason));
    }

    [Fact]
    public void A_moved_line_is_read_again_and_rewrites_nothing()
    {
        var driver = After(d => d.ReplaceAdditionalText(Loans, new TextFile(Loans.Path, "\n" + Schemas.Small)));
        Assert.Equal([Modified, Cached, Cached], Reasons(driver, TrackingNames.Parse));
        Assert.Equal([Unchanged, Cached, Cached], Reasons(driver, TrackingNames.Problems));
        Assert.Equal([Unchanged, Cached, Cached], Reasons(driver, TrackingNames.Model));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Names));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Registry));
        Assert.Equal([Unchanged], Reasons(driver, TrackingNames.Taken));
        Assert.Equal([Unchanged, Cached, Cached], Reasons(driver, TrackingNames.Clashes));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Between));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Reports));
        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void A_moved_mistake_is_reported_at_its_new_place_and_rewrites_nothing()
    {
        var driver = After(d => d.ReplaceAdditionalText(Broken, new TextFile(Broken.Path, "\n" + Broken.GetText())));
        Assert.Equal([Cached, Cached, Modified], Reasons(driver, TrackingNames.Problems));
        Assert.Equal([Cached, Cached, Unchanged], Reasons(driver, TrackingNames.Model));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));
        Assert.Equal(17, driver.GetRunResult().Diagnostics.Single().Location.GetLineSpan().StartLinePosition.Line + 1);
    }

    [Fact]
    public void A_moved_name_that_a_second_file_claims_too_repeats_that_clash_and_rewrites_nothing()
    {
        var second = new TextFile("d.schema.json", Schemas.Small);
        var compilation = GeneratorHost.Compilation();
        var driver = GeneratorHost.Driver([Loans, Waves, Broken, second]).RunGenerators(compilation)
            .ReplaceAdditionalText(Loans, new TextFile(Loans.Path, "\n" + Schemas.Small))
            .RunGenerators(compilation);
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Taken));
        Assert.Equal([Unchanged, Unchanged, Unchanged, Modified], Reasons(driver, TrackingNames.Clashes));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Between));
        Assert.Equal([Unchanged, Unchanged, Unchanged, Modified], Reasons(driver, TrackingNames.Reports));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Names));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));
        var clash = driver.GetRunResult().Diagnostics.Single(d => d.Id == "MMOE019");
        Assert.Equal("a.schema.json: (2,10)-(2,23)", clash.AdditionalLocations.Single().GetLineSpan().ToString());
    }

    [Fact]
    public void A_value_more_rewrites_its_own_file_alone()
    {
        var before = GeneratorHost.Driver([Loans, Waves, Broken]).RunGenerators(GeneratorHost.Compilation()).GetRunResult();
        var driver = After(d => d.ReplaceAdditionalText(
            Loans, new TextFile(Loans.Path, Schemas.Small.But("[\"F\", \"M\"]", "[\"F\", \"M\", \"X\"]").But("\"num_features\": 7", "\"num_features\": 8"))));
        Assert.Equal([Modified, Cached, Cached], Reasons(driver, TrackingNames.Model));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Names));
        Assert.Equal([Modified, Cached, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Registry));
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));

        var after = driver.GetRunResult();
        Assert.NotEqual(before.Source("SmallLoans.g.cs"), after.Source("SmallLoans.g.cs"));
        Assert.Equal(before.Source("Waves.g.cs"), after.Source("Waves.g.cs"));
    }

    [Fact]
    public void Another_schema_leaves_this_one_alone()
    {
        var driver = After(d => d.AddAdditionalTexts([new TextFile("0.schema.json", Schemas.Least)]));
        Assert.Equal([Cached, Cached, Cached, New], Reasons(driver, TrackingNames.Parse).OrderBy(r => r == New));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Names));
        Assert.Equal([Cached, Cached, Cached, New], Reasons(driver, TrackingNames.Dataset).OrderBy(r => r == New));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Registry));

        // New: the new dataset and its report. Modified: the registry.
        Assert.Equal((1, 2), (Outputs(driver).Count(r => r == Modified), Outputs(driver).Count(r => r == New)));
        Assert.Contains("Least.Face", driver.GetRunResult().Source("Registry.g.cs"));
    }

    [Fact]
    public void A_file_listed_twice_is_one_file_and_leaves_the_others_alone()
    {
        var again = new TextFile("./x/../" + Waves.Path, Schemas.Synthetic);
        var driver = After(d => d.AddAdditionalTexts([again]));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Parse));
        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));

        // The first listing goes, and the other takes its place.
        driver = driver.RemoveAdditionalTexts([Waves]).RunGenerators(GeneratorHost.Compilation());
        Assert.Equal(["Broken.g.cs", "Registry.g.cs", "SmallLoans.g.cs", "Waves.g.cs"], Hints(driver));
        driver = driver.RemoveAdditionalTexts([again]).RunGenerators(GeneratorHost.Compilation());
        Assert.Equal(["Broken.g.cs", "Registry.g.cs", "SmallLoans.g.cs"], Hints(driver));

        static IEnumerable<string> Hints(GeneratorDriver driver) =>
            driver.GetRunResult().Results.Single().GeneratedSources.Select(s => s.HintName).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Another_root_namespace_rewrites_everything_and_reads_nothing()
    {
        var driver = After(d => d.WithUpdatedAnalyzerConfigOptions(GeneratorHost.ConfigOptions("Other")));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Options));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Parse));
        Assert.Equal([Modified, Modified, Modified], Reasons(driver, TrackingNames.Dataset));
        Assert.Contains("namespace Other.Datasets;", driver.GetRunResult().Source("Waves.g.cs"));
    }

    [Fact]
    public void The_same_root_namespace_in_other_options_rewrites_nothing()
    {
        var driver = After(d => d.WithUpdatedAnalyzerConfigOptions(GeneratorHost.ConfigOptions("Consumer")));
        Assert.Equal([Unchanged], Reasons(driver, TrackingNames.Options));
        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void A_reference_to_the_runtime_emits_everything_and_reads_nothing()
    {
        var compilation = GeneratorHost.Compilation();
        var driver = GeneratorHost.Driver([Loans, Waves]).RunGenerators(compilation.WithoutRuntime());
        Assert.Empty(driver.GetRunResult().GeneratedTrees);
        driver = driver.RunGenerators(compilation);
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Runtime));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Language));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Requirements));
        Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.Parse));
        Assert.Equal([New, New], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([New], Reasons(driver, TrackingNames.Registry));
        Assert.Equal(3, driver.GetRunResult().GeneratedTrees.Length);
    }

    [Fact]
    public void Another_language_version_emits_nothing_and_reads_nothing()
    {
        var driver = After(d => d.WithUpdatedParseOptions(new CSharpParseOptions(LanguageVersion.CSharp13)));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.Runtime));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Language));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.Requirements));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Parse));
        Assert.Equal([Removed, Removed, Removed], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Removed], Reasons(driver, TrackingNames.Registry));
        Assert.Empty(driver.GetRunResult().GeneratedTrees);
    }

    [Fact]
    public void The_order_of_files_changes_no_text()
    {
        var one = GeneratorHost.Run((Loans.Path, Schemas.Small), (Waves.Path, Schemas.Synthetic));
        var other = GeneratorHost.Run((Waves.Path, Schemas.Synthetic), (Loans.Path, Schemas.Small));
        Assert.Equal(Texts(one), Texts(other));

        static IEnumerable<string> Texts(GeneratorDriverRunResult result) =>
            result.Results.Single().GeneratedSources.OrderBy(s => s.HintName, StringComparer.Ordinal).Select(s => s.HintName + s.SourceText);
    }

    private static GeneratorDriver After(Func<GeneratorDriver, GeneratorDriver> edit)
    {
        var compilation = GeneratorHost.Compilation();
        return edit(GeneratorHost.Driver([Loans, Waves, Broken]).RunGenerators(compilation)).RunGenerators(compilation);
    }

    // An absent step is a mistake of the test or of the generator, not a step without outputs.
    private static IncrementalStepRunReason[] Reasons(GeneratorDriver driver, string step)
    {
        var steps = driver.GetRunResult().Results.Single().TrackedSteps;
        Assert.True(steps.ContainsKey(step), $"There is no step {step}, only {string.Join(", ", steps.Keys)}.");
        return [.. steps[step].SelectMany(s => s.Outputs).Select(o => o.Reason)];
    }

    private static IncrementalStepRunReason[] Outputs(GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason)];
}
