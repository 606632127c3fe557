using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Generators.Tests.Helpers;
using static Mmoe.Generators.Tests.Helpers.DiagnosticAssert;

namespace Mmoe.Generators.Tests;

/// <summary>The sample of Adult, which the build of Mmoe.Data checks.</summary>
public sealed class AdultSampleTests
{
    private static readonly string SamplePath = Path.Combine(AppContext.BaseDirectory, "Files", "adult.sample.csv");
    private static readonly string Schema = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Files", "adult.schema.json"));
    private static readonly string Sample = File.ReadAllText(SamplePath);

    [Fact]
    public void It_is_sound_at_compile_time_and_at_run_time()
    {
        Reports([("datasets/adult.schema.json", Schema), ("datasets/adult.sample.csv", Sample)]);
        var descriptor = Registry.All.Datasets.Single(d => d.Descriptor.Name == "adult").Descriptor;
        var read = SplitLoader.LoadFile(descriptor, SamplePath);
        Assert.Equal(20, read.Match(Succ: table => table.Rows, Fail: faults => throw new InvalidOperationException($"{faults}")));
    }

    [Fact]
    public void MMOE041_one_letter_changed_in_it_breaks_the_build_at_that_value()
    {
        // The third row: 37, ?, 406514, Doctorate, 4, Married-AF-spouse, ...
        var changed = Sample.But("406514, Doctorate", "406514, Doctorat");
        Reports(
            [("datasets/adult.schema.json", Schema), ("datasets/adult.sample.csv", changed)],
            "datasets/adult.sample.csv:4,16 [Doctorat] MMOE041: 'Doctorat' is no value of column 'education' of adult.schema.json(41,15); "
            + "did you mean 'Doctorate'? accepted: 'Bachelors', 'Some-college', '11th', 'HS-grad', 'Prof-school', 'Assoc-acdm', "
            + "'Assoc-voc', "
            + "'9th', "
            + "'7th-8th', '12th', 'Masters', '1st-4th', … (16 in all) (see datasets/adult.schema.json:41,15)");
    }
}
