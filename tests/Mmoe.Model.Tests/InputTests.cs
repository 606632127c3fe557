using FsCheck.Xunit;
using Mmoe.Data;
using Mmoe.Data.Tests;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class InputLayoutTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Loans;
    private static readonly StandardEncoder Round0 = new(NumericTransform.Identity, 0, 1, 2);
    private static readonly StandardEncoder Round1 = new(NumericTransform.Identity, 0.5f, 2, 2);

    [Property]
    public void Without_exclusions_the_inputs_are_the_features_of_the_schema_in_their_order(ModelCase model)
    {
        var numerics = model.Dataset.Numerics;
        Assert.Equal(
            model.Dataset.Categoricals.Select(c => (c.Name, c.CodeIndex, c.Vocabulary.Count, c.Offset)),
            model.Inputs.Gathered.OfType<CategoricalInput>().Select(c => (c.Column, c.CodeIndex, c.Size, c.Offset)));
        Assert.Equal(
            numerics.SelectMany(n => Enumerable.Repeat(
                (n.Name, n.NumericIndex, n.Missing is not null),
                (n.Bins.Count > 0 ? 1 : 0) + n.Encodings.Count(e => e.Kind == NumericEncodingKind.Quantile))),
            model.Inputs.Gathered.OfType<BinnedInput>().Select(b => (b.Column, b.NumericIndex, b.HasMissing)));
        Assert.Equal(
            numerics.SelectMany(n => Kinds(n).Select(kind => (n.Name, n.NumericIndex, kind))),
            model.Inputs.Numerics.Select(n => (n.Column, n.NumericIndex, KindOf(n.Encoder))));
    }

    [Property]
    public void Every_row_of_the_inputs_belongs_to_one_of_them(ModelCase model)
    {
        Assert.Equal(
            Enumerable.Range(0, model.Inputs.Width),
            model.Inputs.Gathered.SelectMany(g => Enumerable.Range(g.Offset, g.Size))
                .Concat(model.Inputs.Numerics.SelectMany(n => Enumerable.Range(n.Offset, n.Encoder.Width))));
        Assert.Equal(model.Inputs.Width - model.Inputs.Gathered.Sum(g => g.Size), model.Inputs.NumericWidth);
    }

    [Property]
    public void A_fit_has_as_many_inputs_as_the_plan_allows_or_less_where_values_are_few(ModelCase model)
    {
        var plan = Samples.Plan(model.Dataset);
        Assert.Equal(plan.MaxWidth, model.Inputs.Width); // 40 rows without ties, and at most 6 quantiles

        // Two values in turn, so that all edges but two fall together.
        var few = Samples.Table(model.Dataset, 8, model.Seed);
        var numbers = few.Numerics.ToArray().Select((_, i) => (float)(i / model.Dataset.Numerics.Count % 2)).ToArray();
        var fit = Samples.Valid(plan.Fit(new(new(model.Dataset, 8, few.Codes, numbers, few.Labels, few.Weights))));
        Assert.InRange(fit.Width, 1, plan.MaxWidth);
        Assert.All(fit.Gathered.OfType<BinnedInput>().Where(b => b.Edges != model.Dataset.Numerics[b.NumericIndex].Bins), b =>
            Assert.InRange(b.Edges.Count, 1, 4)); // between the two values lie interpolated quantiles
    }

    [Fact]
    public void What_the_configuration_says_goes_before_the_schema_and_the_star_is_for_all_others()
    {
        var dataset = Samples.Dataset([], 4, [0], null, [[NumericEncoding.MinMax], [NumericEncoding.MinMax], [], [NumericEncoding.Log1p]]);
        EncodedFeature[] Of(params ColumnEncoding[] encode) => [.. Samples.Plan(dataset, null, null, encode).Numerics];
        string[] Texts(EncodedFeature[] features) => [.. features.Select(f => NumericEncoding.Join(f.Encodings))];

        Assert.Equal(["min-max", "min-max", "standardise", "log1p"], Texts(Of()));
        ColumnEncoding named = new("n1", new([NumericEncoding.Log1p, NumericEncoding.Quantile(9)]));
        Assert.Equal(["min-max", "log1p+quantile:9", "standardise", "log1p"], Texts(Of(named)));
        ColumnEncoding others = new("*", new([NumericEncoding.PiecewiseLinear(5)]));
        Assert.Equal(["piecewise-linear:5", "log1p+quantile:9", "piecewise-linear:5", "piecewise-linear:5"], Texts(Of(others, named)));
    }

    [Fact]
    public void Encodings_of_what_is_no_numeric_input_are_faults_that_name_it()
    {
        EquatableArray<NumericEncoding> log = new([NumericEncoding.Log1p]);
        string[] columns = ["income", "c0", "l0", "w", "ignored", "n0", "n1", "*"];
        Assert.Equal(
            [
                "'loans' has no column 'income' to encode; possible: n2",
                "the column 'c0' is a categorical feature and takes no encoding; leave it out of 'encode'",
                "the column 'l0' is a label and takes no encoding; leave it out of 'encode'",
                "the column 'w' is a weight and takes no encoding; leave it out of 'encode'",
                "the column 'ignored' is ignored and takes no encoding; leave it out of 'encode'",
                "the column 'n0' is no input of this model and takes no encoding; leave it out of 'encode'",
                "the column 'n1' is no input of this model and takes no encoding; leave it out of 'encode'",
            ],
            Samples.Faults(InputPlan.Of(
                Samples.Dataset([2], 3, [0]), ["n1"], "n0", new(columns.Select(column => new ColumnEncoding(column, log))))));
        Assert.Equal(
            ["'loans' has no column 'instance_wieght' to encode; did you mean 'instance_weight'?"],
            Samples.Faults(InputPlan.Of(Renamed, [], null, new([new ColumnEncoding("instance_wieght", log)]))));
        Assert.Equal(
            ["there is no numeric input for which '*' would stand; leave it out of 'encode'"],
            Samples.Faults(InputPlan.Of(Samples.Dataset([2], 1, [0]), ["n0"], null, new([new ColumnEncoding("*", log)]))));
        Assert.Equal(
            ["there is no numeric input for which '*' would stand; leave it out of 'encode'"],
            Samples.Faults(InputPlan.Of(
                Samples.Dataset([2], 1, [0]), [], null, new([new ColumnEncoding("n0", log), new ColumnEncoding("*", log)]))));
    }

    [Fact]
    public void A_number_that_may_be_missing_has_one_input_that_says_so()
    {
        string[] Inputs(string[] exclude, params NumericEncoding[] encodings)
        {
            ColumnEncoding others = new("*", new(encodings.AsSpan()));
            var layout = Samples.Layout(Samples.BinnedLoans, ["c0", "c1", .. exclude], null, others);
            return
            [
                .. layout.Gathered.Cast<BinnedInput>().Select(b => $"{b.Column}:{b.Size}{(b.HasMissing ? "?" : "")}"),
                .. layout.Numerics.Select(n => $"{n.Column} {KindOf(n.Encoder)}"),
            ];
        }

        // n0 is never missing; both have bins. Without bins, intervals at quantiles, or an indicator.
        Assert.Equal(["n0:3", "n1:5?", "n0 standardise", "n1 standardise"], Inputs([], NumericEncoding.Standardise));
        var plain = Samples.Layout(Samples.Loans, ["c0", "c1"], null);
        Assert.Equal(["n0 standardise", "n1 standardise", "n1 missing"], plain.Numerics.Select(n => $"{n.Column} {KindOf(n.Encoder)}"));
        foreach (var encoding in new[] { NumericEncoding.Log1p, NumericEncoding.MinMax, NumericEncoding.PiecewiseLinear(3) })
        {
            var layout = Samples.Layout(Samples.Loans, ["c0", "c1", "n0"], null, new ColumnEncoding("n1", new([encoding])));
            Assert.Equal([KindOf(layout.Numerics[0].Encoder), "missing"], layout.Numerics.Select(n => KindOf(n.Encoder)));
            Assert.Empty(layout.Gathered);
        }

        var quantiles = Samples.Layout(
            Samples.Loans,
            ["c0", "c1", "n0"],
            null,
            new ColumnEncoding("n1", new([NumericEncoding.Quantile(4), NumericEncoding.Standardise])));
        Assert.Equal(5, Assert.IsType<BinnedInput>(Assert.Single(quantiles.Gathered)).Size);
        Assert.Equal(["standardise"], quantiles.Numerics.Select(n => KindOf(n.Encoder)));
    }

    [Fact]
    public void Columns_without_a_value_are_faults_and_so_is_a_model_of_nothing_but_constants()
    {
        var (dataset, table) = (Samples.Loans, Samples.Table(Samples.Loans, 6, 1));
        LanguageExt.Validation<Fault, InputLayout> Fit(float number, params string[] exclude) =>
            Samples.Plan(dataset, ["c0", "c1", .. exclude], null, new ColumnEncoding("*", new([NumericEncoding.PiecewiseLinear(8)])))
                .Fit(new(new(dataset, 6, table.Codes, Enumerable.Repeat(number, 12).ToArray(), table.Labels, table.Weights)));

        Assert.Equal(
            [
                "column 'n0' of 'loans' has no value in the train split; --exclude n0",
                "column 'n1' of 'loans' has no value in the train split; --exclude n1",
            ],
            Samples.Faults(Fit(float.NaN)));
        Assert.Equal(
            [
                "every input of 'loans' is constant in the train split, and its encoding gives nothing for that; "
                + "exclude fewer columns, or take another encoding",
            ],
            Samples.Faults(Fit(3, "n1")));
        Assert.Equal(1, Samples.Valid(Fit(3)).Width); // n1 may be missing, which one input says
    }

    /// <summary>Loans whose n0 has a longer name.</summary>
    private static DatasetDescriptor Renamed => Dataset with
    {
        Columns = new(Dataset.Columns.Select(c => c is NumericFeature { Name: "n0" } n ? n with { Name = "instance_weight" } : c)),
    };

    private static IEnumerable<string> Kinds(NumericFeature feature)
    {
        var encodings = feature.Encodings.Count > 0 ? feature.Encodings : new([NumericEncoding.Standardise]);
        var hasIntervals = feature.Bins.Count > 0 || encodings.Any(e => e.Kind == NumericEncodingKind.Quantile);
        return encodings.Where(e => e.Kind != NumericEncodingKind.Quantile)
            .Select(e => e.ToString().Split(':')[0])
            .Concat(feature.Missing is not null && !hasIntervals ? ["missing"] : []);
    }

    private static string KindOf(NumericEncoder encoder) => encoder switch
    {
        StandardEncoder { Transform: NumericTransform.Identity } => "standardise",
        StandardEncoder => "log1p",
        MinMaxEncoder => "min-max",
        PiecewiseLinearEncoder => "piecewise-linear",
        _ => "missing",
    };

    [Fact]
    public void Intervals_come_between_codes_and_numbers()
    {
        var layout = Samples.WithRoundNumbers(Samples.Layout(Samples.BinnedLoans));

        Assert.Equal(7, Samples.BinnedLoans.NumFeatures);
        Assert.Equal(7 + 3 + 5, layout.Width); // n1 may be missing
        Assert.Equal(
            [
                new CategoricalInput("c0", 0, 3, 0),
                new CategoricalInput("c1", 1, 2, 3),
                new BinnedInput("n0", 0, new([-0.75f, -0.25f]), false, 5),
                new BinnedInput("n1", 1, new([-0.75f, -0.25f, 0.25f]), true, 8),
            ],
            layout.Gathered);
        Assert.Equal([new NumericInput("n0", 0, Round0, 13), new NumericInput("n1", 1, Round1, 14)], layout.Numerics);
    }

    [Fact]
    public void Bins_leave_the_inputs_with_their_column()
    {
        var excluded = Samples.WithRoundNumbers(Samples.Layout(Samples.BinnedLoans, ["c0", "c1", "n1"]));
        Assert.Equal([new BinnedInput("n0", 0, new([-0.75f, -0.25f]), false, 0)], excluded.Gathered);
        Assert.Equal([new NumericInput("n0", 0, Round0, 3)], excluded.Numerics);

        var weighing = Samples.WithRoundNumbers(Samples.Layout(Samples.BinnedLoans, ["c0", "c1"], "n0"));
        Assert.Equal([new BinnedInput("n1", 1, new([-0.75f, -0.25f, 0.25f]), true, 0)], weighing.Gathered);
        Assert.Equal([new NumericInput("n1", 1, Round1, 5)], weighing.Numerics);
    }

    [Fact]
    public void What_is_excluded_leaves_no_gap()
    {
        var layout = Samples.WithRoundNumbers(Samples.Layout(Dataset, ["c0", "n0"]));

        Assert.Equal(
            new(
                Dataset.Fingerprint,
                new([new CategoricalInput("c1", 1, 2, 0)]),
                new([new NumericInput("n1", 1, Round1, 2), new NumericInput("n1", 1, new MissingEncoder(), 3)]),
                null),
            layout);
        Assert.Equal(4, layout.Width);
    }

    [Fact]
    public void A_feature_that_weighs_rows_is_no_input()
    {
        var layout = Samples.Layout(Dataset, weightBy: "n0");

        Assert.Equal(["n1", "n1"], layout.Numerics.Select(n => n.Column));
        Assert.Equal("n0", layout.WeightColumn);
    }

    [Fact]
    public void A_weight_column_takes_nothing_from_the_inputs()
    {
        var layout = Samples.Layout(Dataset, weightBy: "w");

        Assert.Equal(Dataset.NumFeatures + 1, layout.Width); // n1 may be missing
        Assert.Equal("w", layout.WeightColumn);
    }

    [Fact]
    public void All_wrong_names_are_reported_at_once_with_what_to_do() => Assert.Equal(
        [
            "'loans' has no column 'c9x' to exclude; possible: c0, c1, n0, n1",
            "the column 'l0' is a label, no feature; leave it out of the exclusions",
            "the column 'w' is a weight, no feature; leave it out of the exclusions",
            "the column 'ignored' is ignored, no feature; leave it out of the exclusions",
            "the feature 'n1' cannot weigh rows; mark it with \"weight\": true in the schema",
        ],
        Samples.Faults(InputPlan.Of(Dataset, ["c9x", "l0", "w", "ignored"], "n1")));

    [Fact]
    public void A_near_name_is_proposed()
    {
        var fault = Samples.TheFault(InputPlan.Of(Renamed, ["instance_wieght"], null));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Equal("did you mean 'instance_weight'?", fault.Hint);
    }

    [Theory]
    [InlineData("nothing", "'loans' has no column 'nothing' to weigh rows by; possible: n0, w")]
    [InlineData("c0", "the column 'c0' is a categorical feature and cannot weigh rows; possible: n0, w")]
    [InlineData("l2", "the column 'l2' is a label and cannot weigh rows; possible: n0, w")]
    [InlineData("ignored", "the column 'ignored' is ignored and cannot weigh rows; possible: n0, w")]
    public void Only_a_weight_weighs_rows(string column, string fault) =>
        Assert.Equal([fault], Samples.Faults(InputPlan.Of(Dataset, [], column)));

    [Fact]
    public void A_model_without_inputs_is_refused() => Assert.Equal(
        ["no feature of 'loans' is left as input; exclude fewer columns"],
        Samples.Faults(InputPlan.Of(Dataset, ["c0", "c1", "n1"], "n0")));
}

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class ModelInputsTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Loans;

    [Fact]
    public void Codes_become_rows_numerics_are_scaled_and_filled_targets_standardised()
    {
        var table = new EncodedTable(
            Dataset,
            2,
            new[] { 2, 1, 0, 0 },
            new[] { 4f, 2.5f, 0f, float.NaN },
            new[] { 1f, 2f, 23f, float.NaN, 0f, -7f },
            new[] { 2f, 0.5f });
        var inputs = Samples.Valid(ModelInputs.Of(
            table, Samples.WithRoundNumbers(Samples.Layout(Dataset, ["c0"], "w")), Samples.Targets(Dataset)));

        Assert.Equal([1, 0], inputs.Indices);
        Assert.Equal([4f, 1f, 0f, 0f, 0.75f, 1f], inputs.Numerics); // n1: (2.5 - 0.5) / 2, and for the missing one its fill: (2 - 0.5) / 2
        Assert.Equal([1f, 2f, 2f, float.NaN, 0f, -1f], inputs.Targets);
        Assert.Equal([2f, 0.5f], inputs.Weights);
    }

    [Property]
    public void Without_a_weight_column_every_row_counts_the_same(ModelCase model) =>
        Assert.All(model.Rows(7).Weights, weight => Assert.Equal(1, weight));

    [Property]
    public void Every_index_lies_in_the_rows_of_its_feature(ModelCase model)
    {
        var inputs = model.Rows(9);
        var features = model.Inputs.Gathered;
        Assert.Equal(9 * features.Count, inputs.Indices.Length);
        Assert.All(inputs.Indices.Select((index, i) => (index, feature: features[i % features.Count])), item =>
            Assert.InRange(item.index, item.feature.Offset, item.feature.Offset + item.feature.Size - 1));
    }

    [Property]
    public void Inputs_are_what_the_definitions_of_their_encodings_say(ModelCase model)
    {
        const int Rows = 20;
        var (dataset, table) = (model.Dataset, Samples.Table(model.Dataset, Rows, model.Seed));
        var (train, inputs) = (Samples.Table(dataset, 40, 1), model.Rows(Rows));
        var (indices, numerics) = (new List<int>(), new List<double>());
        for (var row = 0; row < Rows; row++)
        {
            var offset = 0;
            for (var c = 0; c < dataset.Categoricals.Count; c++)
            {
                indices.Add(offset + table.Codes.Span[(row * dataset.Categoricals.Count) + c]);
                offset += dataset.Categoricals[c].Vocabulary.Count;
            }

            foreach (var feature in dataset.Numerics)
            {
                var value = table.Numerics.Span[(row * dataset.Numerics.Count) + feature.NumericIndex];
                var column = new NaiveColumn(feature, train);
                foreach (var edges in column.IntervalEdges())
                {
                    indices.Add(offset + (float.IsNaN(value) ? edges.Length + 1 : edges.Count(edge => edge <= value)));
                    offset += edges.Length + (feature.Missing is null ? 1 : 2);
                }

                numerics.AddRange(column.Numbers(value));
            }
        }

        Assert.Equal(indices, inputs.Indices);
        Assert.Equal(numerics.Count, inputs.Numerics.Length);
        Assert.All(numerics.Zip(inputs.Numerics, (naive, own) => (naive, own)), pair => Assert.Equal(pair.naive, pair.own, 1e-4));
    }

    [Fact]
    public void Quantiles_that_fall_on_the_schemas_edges_are_one_input()
    {
        ColumnEncoding quantile = new("n0", new([NumericEncoding.Quantile(4)]));
        var edges = Assert.IsType<BinnedInput>(Samples.Layout(Samples.Dataset([], 1, [0]), null, null, quantile).Gathered[^1]).Edges;

        var both = Samples.Layout(Samples.Dataset([], 1, [0], [[.. edges]]), null, null, quantile);

        Assert.Equal(edges, Assert.IsType<BinnedInput>(Assert.Single(both.Gathered)).Edges);
    }

    [Fact]
    public void A_row_is_encoded_without_allocating()
    {
        EquatableArray<NumericEncoding> all = new(
        [
            NumericEncoding.Standardise, NumericEncoding.Log1p, NumericEncoding.Quantile(8), NumericEncoding.PiecewiseLinear(8),
        ]);
        ColumnEncoding[] encode = [new("n0", all), new("n1", new([NumericEncoding.MinMax]))];
        var layout = Samples.Layout(Samples.Loans, null, null, encode);
        var (indices, numerics) = (new int[layout.Gathered.Count], new float[layout.NumericWidth]);
        int[] codes = [1, 1];
        float[] numbers = [0.5f, float.NaN];

        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                layout.Encode(codes, numbers, indices, numerics);
            }
        }));
        Assert.Equal(1 + 1 + 8 + 1 + 1, layout.NumericWidth);
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(-1e30f, 0)]
    [InlineData(17.999999f, 0)]
    [InlineData(18f, 1)]
    [InlineData(24.5f, 1)]
    [InlineData(25f, 2)]
    [InlineData(39.999996f, 2)]
    [InlineData(40f, 3)]
    [InlineData(65f, 4)]
    [InlineData(1e30f, 4)]
    [InlineData(float.NaN, 5)]
    public void An_edge_belongs_to_the_interval_above_it(float value, int interval) =>
        Assert.Equal(100 + interval, new BinnedInput("age", 1, new([18f, 25f, 40f, 65f]), true, 100).RowOf([], [0, value]));

    [Fact]
    public void A_number_that_is_missing_where_bins_have_no_interval_for_it_is_a_fault_that_names_the_row()
    {
        var good = Samples.Table(Samples.BinnedLoans, 3, 1);
        var numbers = good.Numerics.ToArray();
        numbers[4] = float.NaN;
        var table = new EncodedTable(Samples.BinnedLoans, 3, good.Codes, numbers, good.Labels, good.Weights);
        LanguageExt.Validation<Fault, ModelInputs> Of(params string[] exclusions) => ModelInputs.Of(
            table,
            Samples.Layout(Samples.BinnedLoans, exclusions),
            Samples.Targets(Samples.BinnedLoans));

        Assert.Equal(
            [
                "'n0' is missing in row 2 (counted from 0), and its intervals have no place for that; "
                + "declare \"missing\" for the column in the schema",
            ],
            Samples.Faults(Of()));
        Samples.Valid(Of("n0"));
        Assert.Throws<ArgumentException>(() => new BinnedInput("n0", 0, new([0f]), false, 0).RowOf([], [float.NaN]));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_below_0_or_not_finite_is_a_fault_that_names_the_row(float weight)
    {
        var good = Samples.Table(Dataset, 3, 1);
        var table = new EncodedTable(Dataset, 3, good.Codes, good.Numerics, good.Labels, new[] { 1f, 0f, weight });
        var fault = Samples.TheFault(Make(table, Samples.Layout(Dataset, weightBy: "w")));

        Assert.Equal(FaultKind.Data, fault.Kind);
        Assert.Contains("row 2", fault.What, StringComparison.Ordinal);
        Assert.Contains("'w'", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_weight_is_nothing_where_the_column_does_not_weigh()
    {
        var good = Samples.Table(Dataset, 1, 1);
        var table = new EncodedTable(Dataset, 1, good.Codes, good.Numerics, good.Labels, new[] { -1f });

        Assert.Equal([1f], Samples.Valid(Make(table, Samples.Layout(Dataset))).Weights);
    }

    [Fact]
    public void What_belongs_to_another_schema_is_refused()
    {
        var layout = Samples.Layout(Dataset);
        var faults = Samples.Faults(ModelInputs.Of(
            Samples.Table(Dataset, 1, 1),
            layout with { Fingerprint = "other" },
            Samples.Targets(Dataset) with { Fingerprint = "other" }));

        Assert.Equal(2, faults.Length);
        Assert.All(faults, fault => Assert.Contains("another schema than that of 'loans'", fault, StringComparison.Ordinal));
    }

    private static LanguageExt.Validation<Fault, ModelInputs> Make(EncodedTable table, InputLayout layout) =>
        ModelInputs.Of(table, layout, Samples.Targets(Dataset));
}

/// <summary>
/// The encodings of a column as papers and textbooks define them: in double precision, by counting, and for one value at a time.
/// </summary>
internal sealed class NaiveColumn
{
    private readonly NumericFeature feature;
    private readonly double[] present;
    private readonly EquatableArray<NumericEncoding> encodings;

    public NaiveColumn(NumericFeature feature, EncodedTable train)
    {
        var width = train.Descriptor.Numerics.Count;
        this.feature = feature;
        this.present =
        [
            .. Enumerable.Range(0, train.Rows).Select(row => (double)train.Numerics.Span[(row * width) + feature.NumericIndex])
                .Where(x => !double.IsNaN(x)).Order(),
        ];
        this.encodings = feature.Encodings.Count > 0 ? feature.Encodings : new([NumericEncoding.Standardise]);
    }

    public IEnumerable<float[]> IntervalEdges()
    {
        if (this.feature.Bins.Count > 0)
        {
            yield return [.. this.feature.Bins];
        }

        foreach (var encoding in this.encodings.Where(e => e.Kind == NumericEncodingKind.Quantile))
        {
            yield return [.. Enumerable.Range(1, encoding.Count - 1).Select(k => (float)this.Quantile(k / (double)encoding.Count))];
        }
    }

    public IEnumerable<double> Numbers(double value)
    {
        var x = double.IsNaN(value) ? this.present.Average() : value;
        foreach (var encoding in this.encodings)
        {
            switch (encoding.Kind)
            {
                case NumericEncodingKind.Standardise:
                    yield return Standardised(x, this.present);
                    break;
                case NumericEncodingKind.Log1p:
                    yield return Standardised(Log(x), [.. this.present.Select(Log)]);
                    break;
                case NumericEncodingKind.MinMax:
                    yield return Math.Min(1, Math.Max(0, (x - this.present.Min()) / (this.present.Max() - this.present.Min())));
                    break;
                case NumericEncodingKind.PiecewiseLinear:
                    for (var t = 1; t <= encoding.Count; t++)
                    {
                        var (from, to) = (this.Quantile((t - 1) / (double)encoding.Count), this.Quantile(t / (double)encoding.Count));
                        yield return x < from && t > 1 ? 0 : x >= to && t < encoding.Count ? 1 : (x - from) / (to - from);
                    }

                    break;
            }
        }

        var hasIntervals = this.feature.Bins.Count > 0 || this.encodings.Any(e => e.Kind == NumericEncodingKind.Quantile);
        if (this.feature.Missing is not null && !hasIntervals)
        {
            yield return double.IsNaN(value) ? 1 : 0;
        }
    }

    private double Quantile(double share)
    {
        var at = share * (this.present.Length - 1);
        var (low, high) = (this.present[(int)Math.Floor(at)], this.present[(int)Math.Ceiling(at)]);
        return low + ((at - Math.Floor(at)) * (high - low));
    }

    private static double Standardised(double x, double[] values)
    {
        var mean = values.Average();
        return (x - mean) / Math.Sqrt(values.Select(v => (v - mean) * (v - mean)).Average());
    }

    private static double Log(double x) => Math.Sign(x) * Math.Log(1 + Math.Abs(x));
}
