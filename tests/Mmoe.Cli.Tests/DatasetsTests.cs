using System.Text.Json;
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
        Assert.Contains("not found: give --data DIR or set MMOE_DATA", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_says_the_same_to_a_script()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        using var all = JsonDocument.Parse(bench.Run("datasets", "--json").Out);
        Assert.Equal(Registry.All.Datasets.Select(d => d.Descriptor.Name), all.RootElement.EnumerateArray().Select(d => d.GetProperty("name").GetString()!));
        Assert.Equal(JsonValueKind.Null, all.RootElement.EnumerateArray().Single(d => d.GetProperty("name").GetString() == "census-income").GetProperty("data").ValueKind);
        using var one = JsonDocument.Parse(bench.Run("datasets", "adult", "--json").Out);
        Assert.Equal(bench.Path("data", "adult"), one.RootElement.GetProperty("data").GetString());
        Assert.Equal(Adult.NumFeatures, one.RootElement.GetProperty("numFeatures").GetInt32());
    }

    private static string[] Lines(Outcome outcome)
    {
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal("", outcome.Error);
        return outcome.Out.Split('\n');
    }
}
