namespace Mmoe.Data.Tests;

public class DataDirectoryTests
{
    private static readonly string[] Everywhere =
    [
        P("/env", "adult-sample", "adult.data"), P("/env", "adult.data"),
        P("/home", "data", "adult-sample", "adult.data"), P("/home", "data", "adult.data"),
    ];

    [Fact]
    public void Directories_are_searched_in_the_stated_order()
    {
        for (var first = 0; first < Everywhere.Length; first++)
        {
            Assert.Equal(Path.GetDirectoryName(Everywhere[first]), Find(null, "/env", Everywhere[first..]));
        }

        Assert.Equal(P("/home", "data", "adult-sample"), Find(null, null, Everywhere));
        Assert.Equal(P("/home", "data", "adult-sample"), Find(null, "", Everywhere));
    }

    [Fact]
    public void A_named_directory_is_the_only_one_searched()
    {
        Assert.Equal("/named", Find("/named", "/env", [.. Everywhere, P("/named", "adult.data")]));
        var fault = Assert.Single(DataDirectory.Find(Samples.Adult, "/named", Search("/env", Everywhere)).Bad());
        Assert.Equal(
            Fault.Data(
                "the file adult.data of 'adult-sample' was not found, plain or as adult.data.gz",
                hint: $"searched {P("/named", "adult-sample")}, /named; give another --data"),
            fault);
    }

    [Fact]
    public void A_file_in_the_place_of_the_directory_is_wrong_usage()
    {
        var file = P("/mine", "adult.data");
        var fault = Assert.Single(DataDirectory.Find(Samples.Adult, file, Search("/env", [.. Everywhere, file])).Bad());
        Assert.Equal(Fault.Usage($"--data {file}: this is a file", "name the folder that holds adult.data"), fault);
    }

    [Fact]
    public void The_fault_lists_all_places_and_says_what_to_do()
    {
        var fault = DataDirectory.Find(Samples.Adult, null, Search("/env", []), SplitName.Test).OnlyFault();
        Assert.Equal(
            "the file adult.test of 'adult-sample' was not found, plain or as adult.test.gz; searched "
                + $"{P("/env", "adult-sample")}, /env, {P("/home", "data", "adult-sample")}, {P("/home", "data")}; "
                + "give --data DIR or set MMOE_DATA, or download it from https://example.org/adult.zip (in it: adult.test)",
            fault);
    }

    [Fact]
    public void A_compressed_file_is_found_and_a_plain_one_preferred()
    {
        Assert.Equal("/env", Find(null, "/env", [P("/env", "adult.data.gz")]));
        var file = ((FileSource)Samples.Adult.Source).Files[0];
        string[] both = [P("/d", "adult.data"), P("/d", "adult.data.gz")];
        Assert.Equal(both[0], new DataDirectory("/d").Locate(file, both.Contains));
        Assert.Equal(both[1], new DataDirectory("/d").Locate(file, both[1..].Contains));
        Assert.Null(new DataDirectory("/d").Locate(file, _ => false));
    }

    [Fact]
    public void The_file_of_the_split_is_what_counts()
    {
        var search = Search("/env", [P("/env", "adult.data"), P("/home", "data", "adult.test")]);
        Assert.Equal("/env", DataDirectory.Find(Samples.Adult, null, search).Good().Path);
        Assert.Equal(P("/home", "data"), DataDirectory.Find(Samples.Adult, null, search, SplitName.Test).Good().Path);
    }

    [Fact]
    public void A_dataset_that_is_drawn_needs_no_files()
    {
        var descriptor = Samples.Synthetic(new(2, 0.5, 0.3, 5, 0.01, 1, 1, 1, 5));
        Assert.Equal("/named", DataDirectory.Find(descriptor, "/named", Search(null, [])).Good().Path);
        Assert.Equal(P("/home", "data"), DataDirectory.Find(descriptor, null, Search(null, [])).Good().Path);
    }

    [Fact]
    public void A_survey_shows_the_places_and_every_file_where_training_would_read()
    {
        var survey = Survey([P("/env", "adult-sample", "adult.test"), P("/home", "data", "adult.data.gz")]);
        Assert.Equal([P("/env", "adult-sample"), "/env", P("/home", "data", "adult-sample"), P("/home", "data")], survey.Searched);
        Assert.Equal(new DataDirectory(P("/home", "data")), survey.Directory);
        Assert.Equal(
            [("adult.data", P("/home", "data", "adult.data.gz")), ("adult.test", null)], survey.Files.Select(f => (f.File.Path, f.Path)));
        Assert.False(survey.IsComplete);
        Assert.True(Survey([P("/env", "adult.data"), P("/env", "adult.test")]).IsComplete);
    }

    [Fact]
    public void A_survey_without_the_train_file_shows_the_first_place_with_any_other()
    {
        var survey = Survey([P("/home", "data", "adult.test"), P("/home", "data", "adult-sample", "adult.test")]);
        Assert.Equal(new DataDirectory(P("/home", "data", "adult-sample")), survey.Directory);
        Assert.Equal([null, P("/home", "data", "adult-sample", "adult.test")], survey.Files.Select(f => f.Path));
        var none = Survey([]);
        Assert.Null(none.Directory);
        Assert.All(none.Files, f => Assert.Null(f.Path));
        Assert.False(none.IsComplete);
    }

    private static DataSurvey Survey(string[] files) =>
        DataDirectory.Survey(Samples.Adult, (FileSource)Samples.Adult.Source, null, Search("/env", files));

    private static string P(params string[] parts) => Path.Combine(parts);

    private static DataSearch Search(string? variable, string[] files) => new(
        name => name == "MMOE_DATA" ? variable : null, files.Contains, "/home");

    private static string Find(string? named, string? variable, string[] files) =>
        DataDirectory.Find(Samples.Adult, named, Search(variable, files)).Good().Path;
}
