using Microsoft.CodeAnalysis;
using Mmoe.Generators.Tests.Helpers;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;

namespace Mmoe.Generators.Tests;

/// <content>Edits of samples.</content>
public sealed partial class CachingTests
{
    private static readonly TextFile House = new("d/a.schema.json", Schemas.Sampled.But("\"small-loans\"", "\"house\""));
    private static readonly TextFile HouseSample = new("d/loans.sample.csv", Schemas.Sample);
    private static readonly TextFile Car = new(
        "d/b.schema.json", Schemas.Sampled.But("\"small-loans\"", "\"car\"").But("loans.sample.csv", "cars.sample.csv"));

    private static readonly TextFile CarSample = new("d/cars.sample.csv", Schemas.Sample.But("rent", "lent"));
    private static readonly TextFile Boat = new(
        "d/c.schema.json", Schemas.Sampled.But("\"small-loans\"", "\"boat\"").But("loans.sample.csv", "boats.sample.csv"));

    // A sound sample, a sample with an error, and a sample that is not there. Steps are listed from outputs backward, and what is missing
    // is reported first: in the steps Sample and SampleInput the boat comes before the house and the car.
    private static readonly TextFile[] Sampled = [House, HouseSample, Car, CarSample, Boat];

    [Fact]
    public void An_edit_of_a_sample_checks_its_own_schema_again_and_rewrites_nothing()
    {
        var driver = AfterSampled(Edit(HouseSample, text => text.But("rent", "rant")));
        Assert.Equal([Modified, Cached], Reasons(driver, TrackingNames.SampleText));
        Assert.Equal([Unchanged, Modified, Unchanged], Reasons(driver, TrackingNames.SampleInput));
        Assert.Equal([Modified, Cached], Reasons(driver, TrackingNames.SampleProblems));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.SampleMissing));
        AssertSchemasAreCached(driver);
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));
        Assert.Equal(["MMOE040", "MMOE041", "MMOE041"], driver.GetRunResult().Diagnostics.Select(d => d.Id).Order());
    }

    [Fact]
    public void An_edit_of_a_sample_that_leaves_it_sound_reports_nothing_new()
    {
        var driver = AfterSampled(Edit(HouseSample, text => text + "\n"));
        Assert.Equal([Modified, Cached], Reasons(driver, TrackingNames.SampleText));
        Assert.Equal([Unchanged, Cached], Reasons(driver, TrackingNames.SampleProblems));
        AssertSchemasAreCached(driver);
        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void The_same_text_in_another_file_object_is_not_checked_again()
    {
        var driver = AfterSampled(Edit(CarSample, text => new string(text.AsSpan())));
        Assert.Equal([Cached, Unchanged], Reasons(driver, TrackingNames.SampleText));
        Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.SampleProblems));
        Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
    }

    [Fact]
    public void A_line_moved_in_a_schema_moves_what_its_sample_reports_and_rewrites_nothing()
    {
        var driver = AfterSampled(Edit(Car, text => "\n" + text));
        Assert.Equal([Cached, Cached, Modified], Reasons(driver, TrackingNames.Sample));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.SampleNames));
        Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.SampleText));
        Assert.Equal([Cached, Cached, Modified], Reasons(driver, TrackingNames.SampleInput));
        Assert.Equal([Cached, Modified], Reasons(driver, TrackingNames.SampleProblems));
        Assert.Equal([Cached, Unchanged, Cached], Reasons(driver, TrackingNames.Model));
        Assert.Equal([Cached, Cached, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));
        Assert.Contains("b.schema.json(23,15)", driver.GetRunResult().Diagnostics.Single(d => d.Id == "MMOE041").GetMessage(null));
    }

    [Fact]
    public void What_moves_no_column_of_a_schema_checks_no_sample()
    {
        var driver = AfterSampled(Edit(Car, text => text.But("\"CC BY 4.0\"", "\"CC BY 3.0\"")));
        Assert.Equal([Cached, Modified, Cached], Reasons(driver, TrackingNames.Model));
        Assert.Equal([Cached, Cached, Unchanged], Reasons(driver, TrackingNames.Sample));
        Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.SampleProblems));
        Assert.Equal([Modified], Outputs(driver).Where(reason => reason != Cached));
    }

    [Fact]
    public void A_value_more_in_a_vocabulary_checks_the_sample_of_its_schema_again()
    {
        var driver = AfterSampled(Edit(
            Car, text => text.But("\"rent\", ", "\"rent\", \"lent\", ").But("\"num_features\": 7", "\"num_features\": 8")));
        Assert.Equal([Cached, Modified], Reasons(driver, TrackingNames.SampleProblems));
        Assert.Equal([Cached, Modified, Cached], Reasons(driver, TrackingNames.Dataset));
        Assert.Equal(["MMOE040"], driver.GetRunResult().Diagnostics.Select(d => d.Id));
    }

    [Fact]
    public void A_file_that_no_schema_names_is_not_read_and_checks_nothing()
    {
        var before = new TextFile("d/notes.csv", "1");
        var driver = AfterSampled(d => d.ReplaceAdditionalText(before, new TextFile("d/notes.csv", "2")), before);
        Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.SampleText));
        Assert.Equal([Cached], Reasons(driver, TrackingNames.OtherFiles));
        AssertSamplesAreCached(driver);

        driver = AfterSampled(d => d.AddAdditionalTexts([before]));
        Assert.Equal([Modified], Reasons(driver, TrackingNames.OtherFiles));
        AssertSamplesAreCached(driver);

        void AssertSamplesAreCached(GeneratorDriver driver)
        {
            Assert.All(Reasons(driver, TrackingNames.SampleInput), reason => Assert.Equal(Cached, reason));
            Assert.Equal([Cached, Cached], Reasons(driver, TrackingNames.SampleProblems));
            AssertSchemasAreCached(driver);
            Assert.All(Outputs(driver), reason => Assert.Equal(Cached, reason));
        }
    }

    [Fact]
    public void A_missing_sample_that_appears_is_checked_and_no_longer_missed()
    {
        var driver = AfterSampled(d => d.AddAdditionalTexts([new TextFile("d/boats.sample.csv", Schemas.Sample)]));
        Assert.Equal([Modified, Unchanged, Unchanged], Reasons(driver, TrackingNames.SampleInput));
        Assert.Equal([Cached, Cached, New], Reasons(driver, TrackingNames.SampleProblems));
        Assert.Equal([Removed], Reasons(driver, TrackingNames.SampleMissing));
        AssertSchemasAreCached(driver);
        Assert.Equal(["MMOE041"], driver.GetRunResult().Diagnostics.Select(d => d.Id));
    }

    [Fact]
    public void Samples_leave_no_trace_in_source()
    {
        var with = GeneratorHost.Run((House.Path, House.GetText()!.ToString()), (HouseSample.Path, "x"));
        var without = GeneratorHost.Run((House.Path, Schemas.Small.But("\"small-loans\"", "\"house\"")));
        Assert.NotEmpty(with.Diagnostics);
        Assert.Equal(without.Source("House.g.cs"), with.Source("House.g.cs"));
        Assert.Equal(without.Source("Registry.g.cs"), with.Source("Registry.g.cs"));
    }

    private static Func<GeneratorDriver, GeneratorDriver> Edit(TextFile file, Func<string, string> edit) =>
        driver => driver.ReplaceAdditionalText(file, new TextFile(file.Path, edit(file.GetText()!.ToString())));

    private static GeneratorDriver AfterSampled(Func<GeneratorDriver, GeneratorDriver> edit, params TextFile[] more)
    {
        var compilation = GeneratorHost.Compilation();
        return edit(GeneratorHost.Driver([.. Sampled, .. more]).RunGenerators(compilation)).RunGenerators(compilation);
    }

    private static void AssertSchemasAreCached(GeneratorDriver driver)
    {
        string[] steps = [TrackingNames.Parse, TrackingNames.Problems, TrackingNames.Model, TrackingNames.Sample, TrackingNames.Dataset];
        foreach (var step in steps)
        {
            Assert.All(Reasons(driver, step), reason => Assert.Equal(Cached, reason));
        }
    }
}
