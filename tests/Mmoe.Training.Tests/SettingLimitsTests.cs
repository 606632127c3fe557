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
            var orNone = key == "tower_units" ? ", or [] for none" : "";
            var expected = key.EndsWith("units", StringComparison.Ordinal)
                ? $"{key}: '{text}' is not a list of widths; give whole numbers {limits}, separated by commas{orNone}"
                : outside is < int.MinValue or > int.MaxValue
                    ? $"{key}: '{text}' is not a whole number"
                    : $"{key}: {text} is out of range; give a number {limits}";
            Assert.Equal(expected, Refusal(key, text));
        }
    }

    private static string Refusal(string key, string text) => Settings.Set(Start, key, text, key).AssertFault().ToString();

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
