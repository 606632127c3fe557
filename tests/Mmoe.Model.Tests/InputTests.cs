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
        Assert.Equal(model.Dataset.NumFeatures, model.Inputs.Width);
        Assert.Equal(
            model.Dataset.Categoricals.Select(c => (c.Name, c.CodeIndex, c.Vocabulary.Count, c.Offset)),
            model.Inputs.Categoricals.Select(c => (c.Column, c.CodeIndex, c.Size, c.Offset)));
        Assert.Equal(
            model.Dataset.Numerics.Select(n => (n.Name, n.NumericIndex, n.Offset)),
            model.Inputs.Numerics.Select(n => (n.Column, n.NumericIndex, n.Offset)));
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
        var features = model.Inputs.Categoricals;
        Assert.Equal(9 * features.Count, inputs.Indices.Length);
        Assert.All(inputs.Indices.Select((index, i) => (index, feature: features[i % features.Count])), item =>
            Assert.InRange(item.index, item.feature.Offset, item.feature.Offset + item.feature.Size - 1));
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
