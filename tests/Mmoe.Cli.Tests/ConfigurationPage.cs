using System.Globalization;
using System.Text.RegularExpressions;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>docs/configuration.md, compared with the program.</summary>
public sealed class ConfigurationPage
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "configuration.md"));

    private static readonly TrainingConfig[] Starts =
        [.. new[] { CensusIncome.Descriptor, Synthetic.Descriptor }.Select(d => TrainingConfig.DefaultsOf(d, DeviceNames.Cpu))];

    // What only states a fact has no default and no range.
    private static readonly string[] Facts = ["dataset", "num_features", "dimension"];

    [Fact]
    public void Every_key_has_a_row_in_the_order_of_the_configuration_and_every_row_a_key() =>
        Assert.Equal(Settings.All.Select(setting => setting.Key), Rows().Select(row => row.Key));

    [Fact]
    public void The_defaults_are_the_programs() => Assert.Equal(
        Settings.All.Where(setting => !Facts.Contains(setting.Key)).Select(setting => (setting.Key, Default(setting))),
        Rows().Where(row => !Facts.Contains(row.Key)).Select(row => (row.Key, row.Default)));

    [Fact]
    public void The_values_are_what_a_key_takes_and_no_more()
    {
        var counted = 0;
        foreach (var row in Rows())
        {
            var setting = Settings.All.Single(setting => setting.Key == row.Key);
            var range = Regex.Match(row.Value, "^(list of )?(whole|number|task numbers), (above )?(-?[0-9.]+) to ([0-9.]+)(, or `default`)?$");
            var words = Regex.Matches(row.Value, "`([^`]+)`").Select(match => match.Groups[1].Value).ToArray();
            if (range.Success)
            {
                counted++;
                var (min, max) = (Number(range.Groups[4].Value), Number(range.Groups[5].Value));
                Func<double, double> up = range.Groups[2].Value == "whole" ? x => x + 1 : Math.BitIncrement;
                Func<double, double> down = range.Groups[2].Value == "whole" ? x => x - 1 : Math.BitDecrement;
                var isOpen = range.Groups[3].Success;
                Assert.Equal((row.Key, true), (row.Key, Takes(setting, Text(isOpen ? up(min) : min))));
                Assert.Equal((row.Key, true), (row.Key, Takes(setting, Text(max))));
                Assert.Equal((row.Key, false), (row.Key, Takes(setting, Text(isOpen ? min : down(min)))));
                Assert.Equal((row.Key, false), (row.Key, Takes(setting, Text(up(max)))));
                Assert.Equal((row.Key, range.Groups[1].Success), (row.Key, Takes(setting, $"[{Text(max)}, {Text(max)}]")));
                Assert.Equal((row.Key, range.Groups[6].Success), (row.Key, Takes(setting, "default")));
            }
            else if (words.Length > 0)
            {
                counted++;
                Assert.All(words, word => Assert.True(Takes(setting, word), $"{row.Key} does not take '{word}'"));
                Assert.False(Takes(setting, "another"), row.Key);
                var hint = Apply(setting, "?!").Match(_ => "", faults => faults.Head.Hint ?? "");
                Assert.True(hint.Length == 0 || hint == $"available are {string.Join(", ", words)}", $"{row.Key}: {hint}");
            }
            else
            {
                Assert.Contains(
                    row.Value, (string[])["a name", "a file", "a device", "a whole number", "list of names", "list of COLUMN=ENCODING"]);
            }
        }

        Assert.InRange(counted, Settings.All.Count - 11, Settings.All.Count);
    }

    [Fact]
    public void The_families_are_those_of_the_command_line() => Assert.Equal(
        ModelFamilyRegistry.BuiltIn.Names,
        Regex.Matches(Rows().Single(row => row.Key == "model").Meaning, "`([^`]+)`").Select(m => m.Groups[1].Value).SkipLast(1));

    [Fact]
    public void The_file_that_it_shows_is_read_and_its_mappings_are_the_lists_that_it_says()
    {
        var text = Blocks("yaml")[0];
        var config = Effective(text);
        Assert.Equal("cgc", config.Model);
        Assert.Equal(
            config, Effective(Regex.Replace(text, "encode:.*\n(  .*\n)+", "encode: [age=log1p+quantile:16, '*=piecewise-linear:8']\n")));
        Assert.Contains("encode: [age", Regex.Replace(text, "encode:.*\n(  .*\n)+", "encode: [age"), StringComparison.Ordinal);
        Assert.True(ModelPlan.Of(Adult.Descriptor, config).IsSuccess);
    }

    [Fact]
    public void The_faults_that_it_shows_are_as_printed()
    {
        using var bench = new Workbench();
        bench.Write("adult.yaml", Blocks("yaml")[1]);
        var outcome = bench.Run("train", "adult", "--config", "adult.yaml", "--epochs", "0");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(Assert.Single(Blocks("text")), outcome.Error);
    }

    private static Validation<Fault, TrainingConfig> Apply(Setting setting, string text) => setting.Apply(Start(setting), text);

    private static bool Takes(Setting setting, string text) => Apply(setting, text).IsSuccess;

    private static TrainingConfig Start(Setting setting) => Starts[Belongs(setting) ? 0 : 1];

    // A key of drawn rows has no text for a dataset of files, nor a fault that speaks of its value.
    private static bool Belongs(Setting setting) => setting.Text(Starts[0]) is not null || setting.Text(Starts[1]) is null;

    private static string Default(Setting setting)
    {
        var cpu = setting.Text(Start(setting));
        var gpu = Belongs(setting) ? setting.Text(TrainingConfig.DefaultsOf(CensusIncome.Descriptor, DeviceNames.Cuda)) : cpu;
        return cpu is null ? "none" : cpu == gpu || setting.Key == "device" ? $"`{cpu}`" : $"`{cpu}`, on a GPU `{gpu}`";
    }

    private static TrainingConfig Effective(string text) => ConfigFile.Parse(text, "adult.yaml")
        .Bind(entries => ConfigLayers.Effective(Adult.Descriptor, ModelFamilyRegistry.BuiltIn, entries))
        .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));

    private static (string Key, string Default, string Value, string Meaning)[] Rows() =>
    [
        .. Regex.Matches(Page, "^\\| `([a-z_0-9]+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*) \\|$", RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value, row.Groups[4].Value)),
    ];

    private static string[] Blocks(string language) =>
        [.. Regex.Matches(Page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
