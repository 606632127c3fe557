using System.Globalization;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests;

/// <summary>The command line takes exactly the numbers that a schema may state: one table says which.</summary>
public sealed class SettingLimitsTests
{
    private static readonly TrainingConfig Start =
        TrainingConfig.DefaultsOf(Registry.All.Datasets.Single(d => d.Descriptor.Name == "synthetic").Descriptor, DeviceNames.Cpu);

    // Keys that cannot be set: one does nothing yet, the other follows from the columns.
    private static readonly string[] NotSet = ["warmup_epochs", "dimension"];

    public static TheoryData<string> Parameters => [.. ParameterLimits.Training.Keys.Except(NotSet)];

    public static TheoryData<string> Drawn => [.. ParameterLimits.Drawn.Keys.Except(NotSet)];

    [Theory]
    [MemberData(nameof(Parameters))]
    public void A_training_parameter_keeps_to_the_schema_s_limits(string key) => KeepsTo(key, ParameterLimits.Training[key]);

    [Theory]
    [MemberData(nameof(Drawn))]
    public void A_parameter_of_drawn_rows_keeps_to_the_schema_s_limits(string key) =>
        KeepsTo(key == "seed" ? "data_seed" : key, ParameterLimits.Drawn[key]);

    [Fact]
    public void Every_number_that_a_schema_states_has_limits()
    {
        var numbers = typeof(TrainingParameters).GetProperties()
            .Where(p => p.PropertyType != typeof(bool))
            .Select(p => Snake(p.Name));
        Assert.Equal(numbers.Order(StringComparer.Ordinal), ParameterLimits.Training.Keys.Order(StringComparer.Ordinal));
        var drawn = typeof(SyntheticSource).GetProperties().Where(p => p.Name != "EqualityContract").Select(p => Snake(p.Name));
        Assert.Equal(drawn.Order(StringComparer.Ordinal), ParameterLimits.Drawn.Keys.Order(StringComparer.Ordinal));

        static string Snake(string name) =>
            string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : $"{c}"));
    }

    [Fact]
    public void What_a_configuration_writes_it_reads()
    {
        var config = Start with { Parameters = Start.Parameters with { TowerUnits = default, Units = new([3, 2]), LearningRate = 1e-7 } };
        foreach (var key in ParameterLimits.Training.Keys.Except(NotSet))
        {
            var text = Settings.All.Single(s => s.Key == key).Text(config)!;
            Assert.Equal(config, Settings.Set(config, key, text, key).AssertSuccess());
        }
    }

    [Fact]
    public void A_tower_may_have_no_hidden_layer_and_an_expert_may_not()
    {
        Assert.Empty(Settings.Set(Start, "tower_units", "[]", "tower_units").AssertSuccess().Parameters.TowerUnits);
        Assert.Equal(
            "tower_units: '' is not a list of widths; give whole numbers from 1 to 65536, separated by commas, or [] for none",
            Refusal("tower_units", ""));
        Assert.Equal(
            "units: '[]' is not a list of widths; give whole numbers from 1 to 65536, separated by commas", Refusal("units", "[]"));
    }

    [Theory]
    [InlineData("seed", "99999999999", "99999999999 is out of range; give a number from -2147483648 to 2147483647")]
    [InlineData("seed", "-9999999999999999999", "-9999999999999999999 is out of range; give a number from -2147483648 to 2147483647")]
    [InlineData("seed", "1e10", "'1e10' is not a whole number")]
    [InlineData("seed", "5.0", "'5.0' is not a whole number")]
    [InlineData("seed", "-", "'-' is not a whole number")]
    [InlineData("learning_rate", "1e400", "1e400 is out of range; give a number above 0 and at most 100")]
    [InlineData("learning_rate", "-1e400", "-1e400 is out of range; give a number above 0 and at most 100")]
    [InlineData("learning_rate", "1e-400", "1e-400 is out of range; give a number above 0 and at most 100")]
    [InlineData("learning_rate", "Infinity", "'Infinity' is not a number")]
    [InlineData("learning_rate", "NaN", "'NaN' is not a number")]
    [InlineData("learning_rate", "0,1", "'0,1' is not a number")]
    public void A_number_too_large_is_a_number_out_of_range(string key, string text, string says) =>
        Assert.Equal($"{key}: {says}", Refusal(key, text));

    [Theory]
    [InlineData("4,,8", "element 2 of '4,,8' is empty")]
    [InlineData(",4", "element 1 of ',4' is empty")]
    [InlineData("[4, 8, ]", "element 3 of '[4, 8, ]' is empty")]
    [InlineData("4,x", "'x' is not a whole number")]
    [InlineData("4;8", "'4;8' is not a whole number")]
    public void A_list_says_which_of_its_elements_is_wrong(string text, string says) =>
        Assert.Equal($"units: {says}; give whole numbers from 1 to 65536, separated by commas", Refusal("units", text));

    [Fact]
    public void Every_element_that_is_wrong_is_reported() => Assert.Equal(
        ["units: 0 is out of range", "units: 'x' is not a whole number"],
        Settings.Set(Start, "units", "4,0,x", "units").AssertFaults().Select(fault => fault.What).ToArray());

    [Fact]
    public void A_list_of_names_has_no_empty_element()
    {
        Assert.Equal(["a", "b c"], Settings.Set(Start, "exclude", "[a, b c]", "exclude").AssertSuccess().Exclude);
        Assert.Empty(Settings.Set(Start, "exclude", "[]", "exclude").AssertSuccess().Exclude);
        Assert.Equal(["[a]", "b]"], Settings.Set(Start, "exclude", "[[a], b]]", "exclude").AssertSuccess().Exclude);
        Assert.Equal("exclude: element 2 of 'a,,b' is empty; give names, separated by commas", Refusal("exclude", "a,,b"));
    }

    private static void KeepsTo(string key, NumberLimits limits)
    {
        // The next number outside, as fine as the key's numbers are.
        var isFraction = key is "learning_rate" or "correlation" or "scale" or "noise_variance";
        var (below, above) = isFraction ? (Math.BitDecrement(limits.Min), Math.BitIncrement(limits.Max)) : (limits.Min - 1, limits.Max + 1);
        Settings.Set(Start, key, Text(limits.Max), key).AssertSuccess();
        Settings.Set(Start, key, Text(limits.AboveMin ? double.Epsilon : limits.Min), key).AssertSuccess();
        foreach (var outside in (double[])[above, limits.AboveMin ? limits.Min : below])
        {
            var text = Text(outside);
            var give = key switch
            {
                "units" => $"give whole numbers {limits}, separated by commas",
                "tower_units" => $"give whole numbers {limits}, separated by commas, or [] for none",
                _ => $"give a number {limits}",
            };
            Assert.Equal($"{key}: {text} is out of range; {give}", Refusal(key, text));
        }
    }

    private static string Refusal(string key, string text) => Settings.Set(Start, key, text, key).AssertFault().ToString();

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
