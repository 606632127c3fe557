using System.Text.Json;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Cli.Tests;

/// <summary><c>mmoe datasets [NAME]</c> needs neither data nor libtorch.</summary>
public sealed class DatasetsTests
{
    [Fact]
    public void Every_dataset_is_listed_with_its_features_and_where_its_data_is()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        var lines = Lines(bench.Run("datasets"));
        foreach (var dataset in Registry.All.Datasets)
        {
            var line = Assert.Single(lines, l => l.TrimStart().StartsWith(dataset.Descriptor.Name + " ", StringComparison.Ordinal));
            Assert.Contains($" {dataset.Descriptor.NumFeatures} ", line, StringComparison.Ordinal);
        }

        Assert.EndsWith(bench.Path("data", "adult"), Assert.Single(lines, l => l.Contains(" adult ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.EndsWith("not found", Assert.Single(lines, l => l.Contains(" bank-marketing ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_dataset_is_shown_with_columns_tasks_and_defaults()
    {
        using var bench = new Workbench();
        var text = string.Join('\n', Lines(bench.Run("datasets", "census-income")));
        Assert.Equal(499, CensusIncome.NumFeatures);
        Assert.Contains("499 (488 one-hot of 29 categorical columns + 11 numeric)", text, StringComparison.Ordinal);
        Assert.Contains("instance_weight", text, StringComparison.Ordinal);
        Assert.Contains("marital_status is 'Never married'", text, StringComparison.Ordinal);
        Assert.Contains("keep_checkpoint_max", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_are_not_found_are_shown_with_the_places_searched_and_what_to_do()
    {
        using var bench = new Workbench { MmoeData = "/elsewhere" };
        var places = $"/elsewhere/adult, /elsewhere, {bench.Path("data", "adult")}, {bench.Path("data")}";
        Assert.Equal(
            [
                $"data         not found: searched {places}; give --data DIR or set MMOE_DATA",
                "  missing  adult.data",
                "  missing  adult.test",
            ],
            DataLines(bench.Run("datasets", "adult")));
        Assert.Equal(
            $"data         not found: searched {bench.Path("here", "adult")}, {bench.Path("here")}; give another --data",
            DataLines(bench.Run("datasets", "adult", "--data", "here"))[0]);
    }

    [Theory]
    [InlineData("adult.test", "present", "missing")]
    [InlineData("adult.data", "missing", "present")]
    public void Of_data_that_are_there_in_part_each_file_is_shown_as_present_or_missing(string missing, string train, string test)
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        File.Delete(bench.Path("data", "adult", missing));
        Assert.Equal(
            [$"data         {bench.Path("data", "adult")}, without {missing}", $"  {train}  adult.data", $"  {test}  adult.test"],
            DataLines(bench.Run("datasets", "adult")));
        var listed = Assert.Single(Lines(bench.Run("datasets")), l => l.Contains(" adult ", StringComparison.Ordinal));
        Assert.EndsWith($"{bench.Path("data", "adult")}, without {missing}", listed, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(bench.Run("datasets", "adult", "--json").Out);
        Assert.Equal(
            [.. new[] { "adult.data", "adult.test" }.Select(name => name == missing ? null : bench.Path("data", "adult", name))],
            json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("found").GetString()));
    }

    [Fact]
    public void Of_data_that_are_there_every_file_is_present()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        File.Move(bench.Path("data", "adult", "adult.data"), bench.Path("data", "adult", "adult.data.gz"));
        Assert.Equal(
            [$"data         {bench.Path("data", "adult")}", "  present  adult.data", "  present  adult.test"],
            DataLines(bench.Run("datasets", "adult")));
    }

    [Theory]
    [InlineData("", "datasets")]
    [InlineData("[]\n", "datasets", "--json")]
    public void Where_nothing_is_compiled_in_it_says_which_files_are_schemas(string output, params string[] args)
    {
        using var bench = new Workbench { Datasets = DatasetRegistry.Empty };
        Assert.Equal(
            new(
                0,
                output,
                "no dataset is compiled in; schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets)\n"),
            bench.Run(args));
    }

    [Fact]
    public void Its_help_says_which_files_are_schemas()
    {
        using var bench = new Workbench();
        var words = string.Join(' ', bench.Run("datasets", "--help").Out.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            "where data is found; schemas are the files datasets/**/*.schema.json of the project (property MmoeDatasets) Usage:",
            words,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Json_says_the_same_to_a_script()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        using var all = JsonDocument.Parse(bench.Run("datasets", "--json").Out);
        Assert.Equal(Registry.All.Datasets.Select(d => d.Descriptor.Name), all.RootElement.EnumerateArray().Select(d => d.GetProperty("name").GetString()!));
        var census = all.RootElement.EnumerateArray().Single(d => d.GetProperty("name").GetString() == "census-income");
        Assert.Equal(JsonValueKind.Null, census.GetProperty("data").ValueKind);
        Assert.Equal(
            [bench.Path("data", "census-income"), bench.Path("data")],
            census.GetProperty("searched").EnumerateArray().Select(p => p.GetString()));
        using var one = JsonDocument.Parse(bench.Run("datasets", "adult", "--json").Out);
        Assert.Equal(bench.Path("data", "adult"), one.RootElement.GetProperty("data").GetString());
        Assert.Equal(Adult.NumFeatures, one.RootElement.GetProperty("numFeatures").GetInt32());
    }

    /// <summary>What is said of data: the line that begins so and those of its files, without their addresses.</summary>
    private static string[] DataLines(Outcome outcome) =>
    [
        .. Lines(outcome)
            .SkipWhile(l => !l.StartsWith("data ", StringComparison.Ordinal))
            .TakeWhile(l => l.Length > 0)
            .Select(l => l.Split("  https:")[0]),
    ];

    private static string[] Lines(Outcome outcome)
    {
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal("", outcome.Error);
        return outcome.Out.Split('\n');
    }
}
