using Mmoe.Data.Datasets;

namespace Mmoe.Data.Tests;

/// <summary>The files that the built-in schemas describe. Skipped where they are absent.</summary>
public class RealDataTests
{
    [SkippableTheory]
    [InlineData("census-income", "train", "", 0)]
    [InlineData("census-income", "test", "", 0)]
    [InlineData("adult", "train", "", 0)]
    [InlineData("adult", "test", "|", 0)]
    [InlineData("bank-marketing", "all", "", 1)]
    public void Every_record_of_a_file_is_read(string name, string file, string comment, int headerLines)
    {
        var descriptor = Registry.All.Find(name).Good().Descriptor;
        var path = PathOf(descriptor, file);
        Assert.Equal(CountRecords(path, comment) - headerLines, SplitLoader.LoadFile(descriptor, path).Good().Rows);
    }

    /// <summary>The published files or parts of them: which rows a split takes is worked out here from the number of lines.</summary>
    [SkippableTheory]
    [InlineData("census-income", "train", "01234", "train", "5", "test", "012345", 0)]
    [InlineData("adult", "train", "01234", "train", "5", "test", "012345", 0)]
    [InlineData("bank-marketing", "all", "0123", "all", "4", "all", "5", 1)]
    public void Every_record_belongs_to_one_split(
        string name, string trainFile, string train, string validationFile, string validation, string testFile, string test, int headerLines)
    {
        var descriptor = Registry.All.Find(name).Good().Descriptor;
        int Expected(string file, string remainders) => Enumerable.Range(0, CountRecords(PathOf(descriptor, file), "|") - headerLines)
            .Count(row => remainders.Contains((char)('0' + (row % 6))));
        var splits = SplitLoader.Load(descriptor, DirectoryOf(descriptor)).Good();
        Assert.Equal(
            (Expected(trainFile, train), Expected(validationFile, validation), Expected(testFile, test)),
            (splits.Train.Table.Rows, splits.Validation.Table.Rows, splits.Test.Table.Rows));
    }

    /// <summary>Counted by a split at the delimiter, without the reader or the schema's vocabularies.</summary>
    [SkippableFact]
    public void Labels_of_Census_Income_are_those_counted_by_hand()
    {
        var descriptor = Registry.All.Find("census-income").Good().Descriptor;
        var lines = Lines(PathOf(descriptor, "test")).Select(l => l.Split(", ")).ToArray();
        var targets = SplitLoader.LoadSplit(descriptor, DirectoryOf(descriptor), SplitName.Test).Good().Targets();
        Assert.Equal(lines.Select(l => l[41].Trim() == "50000+." ? 1f : 0f), targets.Where((_, i) => i % 2 == 0));
        Assert.Equal(lines.Select(l => l[7] == "Never married" ? 1f : 0f), targets.Where((_, i) => i % 2 == 1));
    }

    private static string PathOf(DatasetDescriptor descriptor, string file) =>
        DirectoryOf(descriptor).Locate(((FileSource)descriptor.Source).Files.Single(f => f.Id == file), File.Exists)!;

    // None of these files has a line break within quotes.
    private static string[] Lines(string path)
    {
        using var text = new StreamReader(TextFile.Open(path).Good());
        return [.. text.ReadToEnd().Split('\n').Where(line => line.Trim().Length > 0)];
    }

    private static int CountRecords(string path, string comment) =>
        Lines(path).Count(line => comment.Length == 0 || !line.StartsWith(comment, StringComparison.Ordinal));

    private static DataDirectory DirectoryOf(DatasetDescriptor descriptor)
    {
        var variable = Environment.GetEnvironmentVariable(DataDirectory.Variable);
        Skip.If(string.IsNullOrEmpty(variable), $"{DataDirectory.Variable} does not name a directory with the real data");
        var found = DataDirectory.Find(descriptor, variable, DataSearch.Live());
        Skip.If(found.IsFail, $"{DataDirectory.Variable} does not hold the files of {descriptor.Name}");
        return found.Good();
    }
}
