using FsCheck;
using FsCheck.Xunit;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using YamlDotNet.RepresentationModel;

namespace Mmoe.Training.Tests;

/// <summary>A saved configuration is read as the very configuration that was saved.</summary>
public sealed class SavedConfigTests
{
    private static readonly DatasetDescriptor[] Datasets = [.. Registry.All.Datasets.Select(dataset => dataset.Descriptor)];

    // These only state what is so, or follow from the columns.
    private static readonly string[] Derived = ["dataset", "num_features", "dimension"];

    [Property(MaxTest = 500)]
    public void A_configuration_survives_its_file(DoNotSize<int> seed)
    {
        foreach (var dataset in Datasets)
        {
            var config = ConfigDraw.Of(dataset, seed.Item);
            Assert.Equal(config, Read(config, dataset));
        }
    }

    [Fact]
    public void Every_key_is_drawn()
    {
        var start = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        Assert.Equal(
            Derived, Settings.All.Where(setting => ConfigDraw.Variants(start, setting) < 2).Select(setting => setting.Key));
    }

    [Property(MaxTest = 500)]
    public void A_file_is_yaml_that_others_read_alike(DoNotSize<int> seed)
    {
        var config = ConfigDraw.Of(Adult.Descriptor, seed.Item);
        var stream = new YamlStream();
        stream.Load(new StringReader(RunFiles.ConfigText(config)));
        var root = (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
        Assert.Equal(
            Settings.All.Where(setting => setting.Text(config) is not null).Select(setting => (setting.Key, setting.Text(config)!)),
            root.Children.Select(line => (((YamlScalarNode)line.Key).Value!, TextOf(line.Value))));

        static string TextOf(YamlNode node) => node is YamlSequenceNode list
            ? $"[{string.Join(", ", list.Children.Select(element => ((YamlScalarNode)element).Value))}]"
            : ((YamlScalarNode)node).Value!;
    }

    [Property(MaxTest = 2000)]
    public void Any_text_is_written_as_yaml_that_gives_it_back(string? text, string? second)
    {
        foreach (var written in (string[])[$"{text}", $"[{text}, {second}]", $"{text}:{second}", $"{text}\n{second}", $" {text}", "[]", ""])
        {
            // Half a character is no text, and no file holds it.
            if (written.EnumerateRunes().All(rune => rune.Value != 0xFFFD))
            {
                var entries = ConfigFile.Parse($"weight_by: {YamlText.Of(written)}\n", "c.yaml").AssertSuccess();
                Assert.Equal(written, Assert.Single(entries).Text.AssertSuccess());
            }
        }
    }

    [Fact]
    public void Usual_values_stand_without_quotation_marks()
    {
        Assert.Equal("'*=min-max'", YamlText.Of("*=min-max"));
        Assert.Equal("age=log1p,*=min-max", YamlText.Of("age=log1p,*=min-max"));
        Assert.Equal("[hours per week, 'it''s', income:0.5, '#']", YamlText.Of("[hours per week, it's, income:0.5, #]"));
        Assert.Equal("-1E-07", YamlText.Of("-1E-07"));
        Assert.Equal("'null'", YamlText.Of("null"));
        Assert.Equal("'😀'", YamlText.Of("😀"));
        Assert.Equal("\"a\\U0000000Ab\"", YamlText.Of("a\nb"));
    }

    [Fact]
    public void A_family_of_ones_own_may_be_called_null()
    {
        var family = new ModelFamily("null", "for the test", p => ModelFamilies.SingleTask(p.Tasks, p.Bottom, p.Tower));
        var config = TrainingConfig.DefaultsOf(Adult.Descriptor, DeviceNames.Cpu).With(family);
        var read = ConfigFile.Parse(RunFiles.ConfigText(config), "c.yaml")
            .Bind(entries => ConfigLayers.Effective(Adult.Descriptor, config.Families, entries));
        Assert.Equal(config, read.AssertSuccess());
    }

    private static TrainingConfig Read(TrainingConfig config, DatasetDescriptor dataset) =>
        ConfigFile.Parse(RunFiles.ConfigText(config), "config.yaml")
            .Bind(entries => ConfigLayers.Effective(dataset, config.Families, entries))
            .AssertSuccess();
}
