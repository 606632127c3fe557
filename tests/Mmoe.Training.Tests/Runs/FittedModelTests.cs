using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests.Runs;

public sealed class FittedModelTests
{
    private static readonly DatasetDescriptor Dataset = CensusIncome.Descriptor;

    [Fact]
    public void Only_what_the_model_sees_is_fitted()
    {
        var columns = Dataset.Numerics.Select(n => n.Name).ToArray();
        Assert.Equal(columns, Columns(Fit(WithoutValues(), [], null).AssertSuccess()));
        Assert.Equal(columns[..^1], Columns(Fit(WithoutValues(columns[^1]), [columns[^1]], null).AssertSuccess()));
        Assert.Equal(columns[1..^1], Columns(Fit(WithoutValues(columns[0], columns[^1]), [columns[0], columns[^1]], null).AssertSuccess()));
    }

    [Fact]
    public void A_column_without_values_is_a_fault_that_names_the_option_which_helps()
    {
        var fault = Fit(WithoutValues("age"), ["year"], null).AssertFault();
        Assert.Equal(
            Fault.Data("column 'age' of 'census-income' has no value in the train split", hint: "--exclude age"), fault);
    }

    [Fact]
    public void The_column_that_weighs_rows_needs_no_encoding_and_keeps_its_units()
    {
        var train = WithoutValues();
        var fitted = Fit(train, [], "instance_weight").AssertSuccess();
        Assert.DoesNotContain("instance_weight", Columns(fitted));
        Assert.Equal([1f, 2f, 3f], fitted.Rows(train.Table).AssertSuccess().Inputs.Weights);
    }

    [Fact]
    public void Rows_are_scaled_by_their_own_columns_scale_whatever_was_left_out_before_it()
    {
        var train = WithoutValues("age");
        var rows = Fit(train, ["age"], null).AssertSuccess().Rows(train.Table).AssertSuccess();

        // The values are 1, 2, 3 times a factor per column: scaled they are the same in all.
        var deviation = Math.Sqrt(2.0 / 3);
        Assert.Equal(3 * (Dataset.Numerics.Count - 1), rows.Inputs.Numerics.Length);
        for (var i = 0; i < rows.Inputs.Numerics.Length; i++)
        {
            Assert.Equal(((i / (Dataset.Numerics.Count - 1)) - 1) / deviation, rows.Inputs.Numerics[i], 1e-5);
        }
    }

    private static LanguageExt.Validation<Fault, FittedModel> Fit(TrainSplit train, string[] exclude, string? weightBy)
    {
        var config = TrainingConfig.DefaultsOf(Dataset, DeviceNames.Cpu) with { Exclude = new(exclude.AsSpan()), WeightBy = weightBy };
        return FittedModel.Of(ModelPlan.Of(Dataset, config).AssertSuccess(), train);
    }

    private static IEnumerable<string> Columns(FittedModel model) => model.Inputs.Numerics.Select(n => n.Column);

    /// <summary>
    /// Three rows, in which the columns named are missing throughout; instance_weight is 1, 2, 3 and so are the others, in units of their
    /// own.
    /// </summary>
    private static TrainSplit WithoutValues(params string[] missing)
    {
        float Value(NumericFeature column, int row) =>
            missing.Contains(column.Name) ? float.NaN : column.UsableAsWeight ? row + 1 : (row + 1) * (column.NumericIndex + 2);
        return new(new(
            Dataset,
            3,
            new int[3 * Dataset.Categoricals.Count],
            Enumerable.Range(0, 3).SelectMany(row => Dataset.Numerics.Select(column => Value(column, row))).ToArray(),
            new float[3 * Dataset.Labels.Count],
            new float[3 * Dataset.Weights.Count]));
    }
}
