using FsCheck.Xunit;
using Mmoe.Data;

namespace Mmoe.Model.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public class InputLayoutTests
{
    private static readonly DatasetDescriptor Dataset = Samples.Loans;

    [Property]
    public void Without_exclusions_the_rows_are_the_features_of_the_schema(ModelCase model)
    {
        var intervals = model.Inputs.Width - model.Dataset.NumFeatures;
        Assert.Equal(
            model.Dataset.Numerics.Where(n => n.Bins.Count > 0).Sum(n => n.Bins.Count + (n.Missing is null ? 1 : 2)), intervals);
        Assert.Equal(
            model.Dataset.Categoricals.Select(c => (c.Name, c.CodeIndex, c.Vocabulary.Count, c.Offset)),
            model.Inputs.Gathered.OfType<CategoricalInput>().Select(c => (c.Column, c.CodeIndex, c.Size, c.Offset)));
        Assert.Equal(
            model.Dataset.Numerics.Where(n => n.Bins.Count > 0).Select(n => (n.Name, n.NumericIndex, n.Bins, n.Missing is not null)),
            model.Inputs.Gathered.OfType<BinnedInput>().Select(b => (b.Column, b.NumericIndex, b.Edges, b.HasMissing)));
        Assert.Equal(
            model.Dataset.Numerics.Select(n => (n.Name, n.NumericIndex, n.Offset + intervals)),
            model.Inputs.Numerics.Select(n => (n.Column, n.NumericIndex, n.Offset)));
    }

    [Property]
    public void Every_row_of_the_inputs_belongs_to_one_of_them(ModelCase model) => Assert.Equal(
        Enumerable.Range(0, model.Inputs.Width),
        model.Inputs.Gathered.SelectMany(g => Enumerable.Range(g.Offset, g.Size)).Concat(model.Inputs.Numerics.Select(n => n.Offset)));

    [Fact]
    public void Intervals_come_between_codes_and_numbers()
    {
        var layout = Samples.Valid(InputLayout.Of(Samples.BinnedLoans, [], null));

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
        Assert.Equal([new NumericInput("n0", 0, 13), new NumericInput("n1", 1, 14)], layout.Numerics);
    }

    [Fact]
    public void Bins_leave_the_inputs_with_their_column()
    {
        var excluded = Samples.Valid(InputLayout.Of(Samples.BinnedLoans, ["c0", "c1", "n1"], null));
        Assert.Equal([new BinnedInput("n0", 0, new([-0.75f, -0.25f]), false, 0)], excluded.Gathered);
        Assert.Equal([new NumericInput("n0", 0, 3)], excluded.Numerics);

        var weighing = Samples.Valid(InputLayout.Of(Samples.BinnedLoans, ["c0", "c1"], "n0"));
        Assert.Equal([new BinnedInput("n1", 1, new([-0.75f, -0.25f, 0.25f]), true, 0)], weighing.Gathered);
        Assert.Equal([new NumericInput("n1", 1, 5)], weighing.Numerics);
    }

    [Fact]
    public void What_is_excluded_leaves_no_gap()
    {
        var layout = Samples.Valid(InputLayout.Of(Dataset, ["c0", "n0"], null));

        Assert.Equal(
            new(Dataset.Fingerprint, new([new CategoricalInput("c1", 1, 2, 0)]), new([new NumericInput("n1", 1, 2)]), null),
            layout);
        Assert.Equal(3, layout.Width);
    }

    [Fact]
    public void A_feature_that_weighs_rows_is_no_input()
    {
        var layout = Samples.Valid(InputLayout.Of(Dataset, [], "n0"));

        Assert.Equal(["n1"], layout.Numerics.Select(n => n.Column));
        Assert.Equal("n0", layout.WeightColumn);
    }

    [Fact]
    public void A_weight_column_takes_nothing_from_the_inputs()
    {
        var layout = Samples.Valid(InputLayout.Of(Dataset, [], "w"));

        Assert.Equal(Dataset.NumFeatures, layout.Width);
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
        Samples.Faults(InputLayout.Of(Dataset, ["c9x", "l0", "w", "ignored"], "n1")));

    [Fact]
    public void A_near_name_is_proposed()
    {
        var columns = Dataset.Columns.Select(c => c is NumericFeature { Name: "n0" } n ? n with { Name = "instance_weight" } : c);
        var fault = Samples.TheFault(InputLayout.Of(Dataset with { Columns = new(columns) }, ["instance_wieght"], null));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Equal("did you mean 'instance_weight'?", fault.Hint);
    }

    [Theory]
    [InlineData("nothing", "'loans' has no column 'nothing' to weigh rows by; possible: n0, w")]
    [InlineData("c0", "the column 'c0' is a categorical feature and cannot weigh rows; possible: n0, w")]
    [InlineData("l2", "the column 'l2' is a label and cannot weigh rows; possible: n0, w")]
    [InlineData("ignored", "the column 'ignored' is ignored and cannot weigh rows; possible: n0, w")]
    public void Only_a_weight_weighs_rows(string column, string fault) =>
        Assert.Equal([fault], Samples.Faults(InputLayout.Of(Dataset, [], column)));

    [Fact]
    public void A_model_without_inputs_is_refused() => Assert.Equal(
        ["no feature of 'loans' is left as input; exclude fewer columns"],
        Samples.Faults(InputLayout.Of(Dataset, ["c0", "c1", "n1"], "n0")));
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
            table, Samples.Valid(InputLayout.Of(Dataset, ["c0"], "w")), Samples.Scaling(Dataset), Samples.Targets(Dataset)));

        Assert.Equal([1, 0], inputs.Indices);
        Assert.Equal([4f, 1f, 0f, 0.75f], inputs.Numerics); // n1: (2.5 - 0.5) / 2, and for the missing one its fill: (2 - 0.5) / 2
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
    public void Indices_are_the_codes_and_the_number_of_edges_not_above_a_number(ModelCase model)
    {
        const int Rows = 20;
        var table = Samples.Table(model.Dataset, Rows, model.Seed);
        var expected = new List<int>();
        for (var row = 0; row < Rows; row++)
        {
            var offset = 0;
            for (var c = 0; c < model.Dataset.Categoricals.Count; c++)
            {
                expected.Add(offset + table.Codes.Span[(row * model.Dataset.Categoricals.Count) + c]);
                offset += model.Dataset.Categoricals[c].Vocabulary.Count;
            }

            for (var n = 0; n < model.Dataset.Numerics.Count; n++)
            {
                var (edges, value) = (model.Dataset.Numerics[n].Bins, table.Numerics.Span[(row * model.Dataset.Numerics.Count) + n]);
                if (edges.Count > 0)
                {
                    expected.Add(offset + (float.IsNaN(value) ? edges.Count + 1 : edges.Count(edge => edge <= value)));
                    offset += edges.Count + (model.Dataset.Numerics[n].Missing is null ? 1 : 2);
                }
            }
        }

        Assert.Equal(expected, model.Rows(Rows).Indices);
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
            Samples.Valid(InputLayout.Of(Samples.BinnedLoans, exclusions, null)),
            Samples.Scaling(Samples.BinnedLoans),
            Samples.Targets(Samples.BinnedLoans));

        Assert.Equal(
            [
                "'n0' is missing in row 2 (counted from 0), and its bins have no interval for that; "
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
        var fault = Samples.TheFault(Make(table, Samples.Valid(InputLayout.Of(Dataset, [], "w"))));

        Assert.Equal(FaultKind.Data, fault.Kind);
        Assert.Contains("row 2", fault.What, StringComparison.Ordinal);
        Assert.Contains("'w'", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_weight_is_nothing_where_the_column_does_not_weigh()
    {
        var good = Samples.Table(Dataset, 1, 1);
        var table = new EncodedTable(Dataset, 1, good.Codes, good.Numerics, good.Labels, new[] { -1f });

        Assert.Equal([1f], Samples.Valid(Make(table, Samples.Valid(InputLayout.Of(Dataset, [], null)))).Weights);
    }

    [Fact]
    public void What_belongs_to_another_schema_is_refused()
    {
        var layout = Samples.Valid(InputLayout.Of(Dataset, [], null));
        var faults = Samples.Faults(ModelInputs.Of(
            Samples.Table(Dataset, 1, 1),
            layout with { Fingerprint = "other" },
            Samples.Scaling(Dataset) with { Fingerprint = "other" },
            Samples.Targets(Dataset) with { Fingerprint = "other" }));

        Assert.Equal(3, faults.Length);
        Assert.All(faults, fault => Assert.Contains("another schema than that of 'loans'", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void An_input_without_a_scale_is_a_fault()
    {
        var layout = Samples.Valid(InputLayout.Of(Dataset, [], null));
        var scaling = Samples.Scaling(Dataset);
        var fault = Samples.TheFault(ModelInputs.Of(
            Samples.Table(Dataset, 1, 1), layout, scaling with { Scales = new([scaling.Scales[0]]) }, Samples.Targets(Dataset)));

        Assert.Equal("the model's input 'n1' has no scale", fault.What);
    }

    private static LanguageExt.Validation<Fault, ModelInputs> Make(EncodedTable table, InputLayout layout) =>
        ModelInputs.Of(table, layout, Samples.Scaling(Dataset), Samples.Targets(Dataset));
}
