using Xunit.Sdk;

namespace Mmoe.Data.Tests;

/// <summary>Each law is seen to catch a mistake that a schema or the generator could make, and to say where it is.</summary>
public sealed class BrokenDatasets
{
    [Fact]
    public void An_empty_registry_keeps_no_law() =>
        Assert.StartsWith("the registry holds no dataset", Report(laws => laws.The_registry_holds_a_dataset()), StringComparison.Ordinal);

    [Fact]
    public void A_gap_between_features_is_found()
    {
        var columns = Samples.Census.Columns.ToArray();
        columns[4] = ((CategoricalFeature)columns[4]) with { Offset = 4 };
        Assert.Equal(
            "census-sample: column 'country' has (index, offset) (1, 4), expected (1, 3)",
            Broken(
                laws => laws.Features_follow_each_other_without_a_gap_and_are_counted(),
                Samples.Census with { Columns = new(columns) }));
    }

    [Fact]
    public void Two_columns_of_a_name_are_found()
    {
        var columns = Samples.Census.Columns.ToArray();
        columns[4] = ((CategoricalFeature)columns[4]) with { Name = "class" };
        Assert.Equal(
            "census-sample: two columns are named 'class'",
            Broken(laws => laws.Columns_and_tasks_are_told_apart(), Samples.Census with { Columns = new(columns) }));
    }

    [Fact]
    public void A_row_of_two_splits_is_found()
    {
        var source = (FileSource)Samples.Census.Source;
        Assert.Equal(
            "census-sample: rows belong to the splits train and validation: remainder 2 of 6 and 5 of 9 meet",
            Broken(
                laws => laws.Splits_do_not_overlap(),
                Samples.Census with { Source = source with { Validation = new("train", 9, new([5])) } }));
    }

    [Fact]
    public void An_encoder_that_loses_a_number_is_found_with_dataset_column_value_and_seed()
    {
        var report = Report(
            laws => laws.A_typed_row_holds_all_that_an_encoded_row_does(),
            new DatasetFace<Forgetful, Forgetful.Row, BinaryPrediction>());
        Assert.StartsWith("forgetful: ", report, StringComparison.Ordinal);
        Assert.Matches(@"column 'age': -?[0-9.E+-]+ became 0", report);

        // What FsCheck shrank it to: the other column's simplest value.
        Assert.Contains("class='Private'", report, StringComparison.Ordinal);
        Assert.Matches(@"\(\d+,\d+\)", report);
    }

    private static string Broken(Action<Laws> law, params DatasetDescriptor[] datasets) =>
        Report(law, [.. datasets.Select(d => new Described(d))]);

    private static string Report(Action<Laws> law, params IDataset[] datasets) =>
        Assert.ThrowsAny<XunitException>(() => law(new(DatasetRegistry.Of(datasets).Good()))).Message;

    private sealed class Laws(DatasetRegistry datasets) : Testing.DatasetLaws(datasets);

    private sealed class Described(DatasetDescriptor descriptor) : IDataset
    {
        public DatasetDescriptor Descriptor => descriptor;

        public TResult Accept<TResult>(IDatasetVisitor<TResult> visitor) =>
            throw new NotSupportedException("Only its descriptor is broken.");
    }

    /// <summary>As the generator would write it, but for the number that is encoded as 0.</summary>
    private sealed class Forgetful : IDataset<Forgetful.Row, BinaryPrediction>
    {
        public static DatasetDescriptor Descriptor { get; } = Samples.Adult with
        {
            Name = "forgetful",
            Columns = new([
                new NumericFeature("age", "", 0, null, 0, 2, false),
                new CategoricalFeature("class", "", 1, new("Private", "State-gov"), 0, 0),
            ]),
            Tasks = new([]),
        };

        public static void Encode(Row row, EncodedRow encoded) => (encoded.Numerics[0], encoded.Codes[0]) = (0, row.Class);

        public static Row Decode(EncodedRow encoded) => new(encoded.Numerics[0], encoded.Codes[0]);

        public static BinaryPrediction ToPrediction(ReadOnlySpan<float> outputs) => new(outputs[0]);

        public sealed record Row(float Age, int Class);
    }
}
