using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;

namespace Mmoe.Training.Tests;

/// <summary>The key <c>encode</c>: read, refused with what to do, written and read again, and used by a plan.</summary>
public sealed class EncodeSettingTests
{
    private static readonly TrainingConfig Start = TrainingConfig.DefaultsOf(Adult.Descriptor, DeviceNames.Cpu);

    [Fact]
    public void Columns_and_a_star_are_read()
    {
        var config = Set("age=log1p+quantile:16, * = piecewise-linear:8");
        Assert.Equal(
            [
                new("age", new([NumericEncoding.Log1p, NumericEncoding.Quantile(16)])),
                new("*", new([NumericEncoding.PiecewiseLinear(8)])),
            ],
            config.Encode);
        Assert.Empty(Settings.Set(config, "encode", "", "encode").AssertSuccess().Encode);
    }

    [Theory]
    [InlineData("age=log1p+quantile:16,*=piecewise-linear:8")]
    [InlineData("*=min-max")]
    [InlineData("a=b=standardise")] // a column's name may hold the sign
    public void What_is_written_is_read_again(string text)
    {
        var config = Set(text);
        var written = Settings.All.Single(s => s.Key == "encode").Text(config)!;
        Assert.Equal(text, written);
        Assert.Equal(config, Set(written));
    }

    [Fact]
    public void The_saved_configuration_holds_it_as_yaml_and_only_where_it_is_set()
    {
        Assert.Contains("\nencode: '*=piecewise-linear:8'\n", RunFiles.ConfigText(Set("*=piecewise-linear:8")), StringComparison.Ordinal);
        Assert.Contains("\nencode: age=log1p,*=min-max\n", RunFiles.ConfigText(Set("age=log1p,*=min-max")), StringComparison.Ordinal);
        Assert.DoesNotContain("encode", RunFiles.ConfigText(Start), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_with_the_nearest_encoding() => Assert.Equal(
        [
            "--set encode=…: column 'age': 'quantil:16' is no encoding; did you mean 'quantile:16'? accepted: 'standardise', 'log1p', "
            + "'min-max', 'quantile:N', 'piecewise-linear:N'",
            "--set encode=…: column 'age': 'log1p' stands twice; keep one of them",
            "--set encode=…: 'log1p' is no COLUMN=ENCODING; write age=log1p+quantile:16, or *=log1p for all other numeric features",
            "--set encode=…: '=log1p' is no COLUMN=ENCODING; write age=log1p+quantile:16, or *=log1p for all other numeric features",
            "--set encode=…: the column 'hours_per_week' stands twice; join its encodings with '+'",
        ],
        Settings.Set(
            Start, "encode", "age=quantil:16+log1p+log1p,log1p,=log1p,hours_per_week=log1p,hours_per_week=quantile:2", "--set encode=…")
            .Match(_ => [], faults => faults.Select(f => f.ToString()).ToArray()));

    [Fact]
    public void A_column_that_there_is_not_is_told_with_the_nearest_before_any_row_is_read() => Assert.Equal(
        "'adult' has no column 'hours_per_weak' to encode; did you mean 'hours_per_week'?",
        ModelPlan.Of(Adult.Descriptor, Set("hours_per_weak=log1p")).AssertFault().ToString());

    [Fact]
    public void A_spec_is_checked_with_as_many_inputs_as_the_encodings_can_give()
    {
        // 8 · 65,536 columns times 5 · 1,024 inputs are too many for one vector; the model as such is not.
        var wide = Start with { Parameters = Start.Parameters with { Units = new([65_536]) } };
        ModelPlan.Of(Adult.Descriptor, wide).AssertSuccess();
        var fault = ModelPlan.Of(Adult.Descriptor, wide with { Encode = Set("*=piecewise-linear:1024").Encode }).AssertFault();
        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("fit in one vector", fault.What, StringComparison.Ordinal);
    }

    private static TrainingConfig Set(string text) => Settings.Set(Start, "encode", text, "encode").AssertSuccess();
}
