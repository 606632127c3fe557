using Mmoe.Data.Datasets;

namespace Mmoe.Data.Tests;

/// <summary>The files that the built-in schemas describe. Skipped where they are absent.</summary>
public class RealDataTests
{
    [SkippableTheory]
    [InlineData("census-income", "train", 66_508)]
    [InlineData("census-income", "test", 16_627)]
    [InlineData("adult", "train", 32_561)]
    [InlineData("adult", "test", 16_281)]
    [InlineData("bank-marketing", "all", 45_211)]
    public void Every_record_of_a_file_is_read(string name, string file, int rows)
    {
        var descriptor = Registry.All.Find(name).Good().Descriptor;
        var source = (FileSource)descriptor.Source;
        var path = DirectoryOf(descriptor).Locate(source.Files.Single(f => f.Id == file), File.Exists);
        Assert.Equal(rows, SplitLoader.LoadFile(descriptor, path!).Good().Rows);
    }

    [SkippableTheory]
    [InlineData("census-income", 55_424, 11_084, 16_627)]
    [InlineData("adult", 27_135, 5_426, 16_281)]
    [InlineData("bank-marketing", 30_141, 7_535, 7_535)]
    public void Every_record_belongs_to_one_split(string name, int train, int validation, int test)
    {
        var descriptor = Registry.All.Find(name).Good().Descriptor;
        var splits = SplitLoader.Load(descriptor, DirectoryOf(descriptor)).Good();
        Assert.Equal((train, validation, test), (splits.Train.Table.Rows, splits.Validation.Table.Rows, splits.Test.Table.Rows));
    }

    /// <summary>Counted by a split at the delimiter, without the reader or the schema's vocabularies.</summary>
    [SkippableFact]
    public void Labels_of_Census_Income_are_those_counted_by_hand()
    {
        var descriptor = Registry.All.Find("census-income").Good().Descriptor;
        var directory = DirectoryOf(descriptor);
        var path = directory.Locate(((FileSource)descriptor.Source).Files.Single(f => f.Id == "test"), File.Exists)!;
        using var text = new StreamReader(TextFile.Open(path).Good());
        var lines = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(", ")).ToArray();
        var targets = SplitLoader.LoadSplit(descriptor, directory, SplitName.Test).Good().Targets();
        Assert.Equal(lines.Select(l => l[41].Trim() == "50000+." ? 1f : 0f), targets.Where((_, i) => i % 2 == 0));
        Assert.Equal(lines.Select(l => l[7] == "Never married" ? 1f : 0f), targets.Where((_, i) => i % 2 == 1));
    }

    private static DataDirectory DirectoryOf(DatasetDescriptor descriptor)
    {
        var variable = Environment.GetEnvironmentVariable(DataDirectory.Variable);
        Skip.If(string.IsNullOrEmpty(variable), $"{DataDirectory.Variable} does not name a directory with the real data");
        var found = DataDirectory.Find(descriptor, variable, DataSearch.Live());
        Skip.If(found.IsFail, $"{DataDirectory.Variable} does not hold the files of {descriptor.Name}");
        return found.Good();
    }
}
