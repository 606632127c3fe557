namespace Mmoe.Data.Tests;

/// <summary>Hand-made datasets in the formats of the real ones.</summary>
internal static class Samples
{
    private static readonly TrainingParameters Parameters = new(8, new([4]), new([8]), 32, 100, 0.001, true, 1, 10, 5, 5);

    /// <summary>Census-Income's format: blanks after the delimiter, no header, a question mark as a value, splits by modulo 6.</summary>
    public static DatasetDescriptor Census { get; } = Describe(
        "census-sample",
        new(',', Header: false, Quote: null, Comment: null, Trim: true),
        [
            new NumericFeature("age", "", 0, null, 0, 7, false),
            new CategoricalFeature("class", "", 1, new("Private", "Federal government", "?"), 0, 0),
            new CategoricalLabel("marital", "", 2, default, 0, new("Married", "Never married", "Widowed")),
            new NumericFeature("instance_weight", "", 3, null, 1, 8, true),
            new CategoricalFeature("country", "", 4, new("Mexico", "United-States", "?", "Österreich"), 1, 3),
            new CategoricalLabel("income", "", 5, default, 1, new("- 50000.", "50000+.")),
        ],
        columns =>
        [
            new BinaryTask("income", "", 0, (CategoricalLabel)columns[5], new([1])),
            new MulticlassTask("marital", "", 1, (CategoricalLabel)columns[2]),
        ],
        new FileSource(
            new([File("train", "census.data"), File("test", "census.test")]),
            new("train", 6, new([0, 1, 2, 3, 4])),
            new("train", 6, new([5])),
            new("test", 1, new([0]))));

    /// <summary>Adult's format: a comment line, a test file that ends its labels with a dot, a column that is only a weight.</summary>
    public static DatasetDescriptor Adult { get; } = Describe(
        "adult-sample",
        new(',', Header: false, Quote: null, Comment: "|", Trim: true),
        [
            new NumericFeature("age", "", 0, new(new(["?", ""]), MissingPolicy.Mean), 0, 3, false),
            new CategoricalFeature("workclass", "", 1, new("Private", "State-gov", "?"), 0, 0),
            new WeightColumn("fnlwgt", "", 2, 0),
            new NumericFeature("hours", "", 3, new(new(["NA", "0"]), MissingPolicy.Zero), 1, 4, false),
            new CategoricalLabel("income", "", 4, new(["unknown", "<=50K"]), 0, new("<=50K", ">50K")),
        ],
        columns => [new BinaryTask("income", "", 0, (CategoricalLabel)columns[4], new([1]))],
        new FileSource(
            new(
            [
                File("train", "adult.data"),
                new("test", "adult.test", "https://example.org/adult.zip", new(["adult.test"]), null, new([new("income", ".")])),
            ]),
            new("train", 3, new([0, 1])),
            new("train", 3, new([2])),
            new("test", 1, new([0]))));

    /// <summary>Bank Marketing's format: a header, semicolons and quotes, an ignored column, one file for all splits.</summary>
    public static DatasetDescriptor Bank { get; } = Describe(
        "bank-sample",
        new(';', Header: true, Quote: '"', Comment: null, Trim: false),
        [
            new NumericFeature("age", "", 0, null, 0, 5, false),
            new CategoricalFeature("job", "", 1, new("admin.", "blue-collar", "two; jobs", "says \"hi\"", " two\nlines "), 0, 0),
            new IgnoredColumn("duration", "", 2, "Known only afterwards."),
            new NumericLabel("balance", "", 3, new(["n/a"]), 0),
            new CategoricalLabel("y", "", 4, new(["", "-"]), 1, new("no", "yes")),
        ],
        columns =>
        [
            new RegressionTask("balance", "", 0, (NumericLabel)columns[3]),
            new BinaryTask("subscribed", "", 1, (CategoricalLabel)columns[4], new([1])),
        ],
        new FileSource(new([File("all", "bank.csv")]), new("all", 4, new([0, 1])), new("all", 4, new([2])), new("all", 4, new([3]))));

    /// <summary>A range of each form, on each kind of numeric column; a mark of a missing value that is a number out of range.</summary>
    public static DatasetDescriptor Bounded { get; } = Describe(
        "bounded-sample",
        new(',', Header: false, Quote: null, Comment: null, Trim: true),
        [
            new NumericFeature("age", "", 0, new(new(["?", "-1"]), MissingPolicy.Mean), 0, 0, false, new(0, 120), new([18f, 65f])),
            new NumericFeature("change", "", 1, null, 1, 1, false, new(-0.5f, null)),
            new WeightColumn("weight", "", 2, 0, new(2, 10)),
            new NumericLabel("cost", "", 3, new(["NA"]), 0, new(null, 1e6f)),
        ],
        columns => [new RegressionTask("cost", "", 0, (NumericLabel)columns[3])]);

    public static IEnumerable<DatasetDescriptor> OfFiles => [Census, Adult, Bank, Bounded];

    public static DatasetDescriptor Synthetic(SyntheticSource source)
    {
        var inputs = Enumerable.Range(0, source.Dimension).Select(Column (i) => new NumericFeature($"x{i}", "", i, null, i, i, false));
        return Describe(
            "synthetic-sample",
            new(',', Header: false, Quote: null, Comment: null, Trim: false),
            [
                .. inputs,
                new NumericLabel("y0", "", source.Dimension, default, 0),
                new NumericLabel("y1", "", source.Dimension + 1, default, 1),
            ],
            columns =>
            [
                new RegressionTask("y0", "", 0, (NumericLabel)columns[^2]),
                new RegressionTask("y1", "", 1, (NumericLabel)columns[^1]),
            ],
            source);
    }

    public static DatasetDescriptor Describe(
        string name, FileFormat format, Column[] columns, Func<Column[], TaskDescriptor[]> tasks, DataSource? source = null) => new()
        {
            Contract = GeneratedContract.V1,
            Name = name,
            Description = "",
            Fingerprint = $"fingerprint of {name}",
            Format = format,
            Columns = new(columns),
            Tasks = new(tasks(columns)),
            Source = source ?? new FileSource(
                new([File("all", "all.csv")]), new("all", 3, new([0])), new("all", 3, new([1])), new("all", 3, new([2]))),
            Training = new(Parameters, Parameters, Parameters),
        };

    private static DataFile File(string id, string path) => new(id, path, null, default, null, default);
}
