using System.Text.Json;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>The example of docs/models.md, by both of its ways; and families that cannot be.</summary>
public sealed class OwnFamilyTests
{
    [Fact]
    [Trait("Native", "libtorch")]
    public void A_family_of_ones_own_is_trained_by_name_and_evaluated_by_whoever_has_the_checkpoint()
    {
        using var bench = new Workbench { Families = [OwnFamilies.Depths] };
        var outcome = bench.Run(
            "train", "synthetic", "--model", "depths", "--units", "8", "--set", "top_k=3", "--epochs", "10", "--out", "run", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(outcome.Out);
        Assert.Equal("depths", summary.RootElement.GetProperty("model").GetString());
        Assert.Contains("model: depths\n", File.ReadAllText(bench.Path("run", "config.yaml")), StringComparison.Ordinal);

        // 1 + 2 + 3 + 2 layers of 8 units, of which 5 stand on 100 inputs; two gates of 4 logits; two towers of 8 and an output.
        Assert.Equal(
            (5 * 101 * 8) + (3 * 9 * 8) + (2 * 101 * 4) + (2 * ((9 * 8) + 9)), summary.RootElement.GetProperty("parameters").GetInt32());
        Assert.InRange(summary.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("average").GetDouble(), 0.5, 1);

        using var stranger = new Workbench();
        var evaluated = stranger.Run("evaluate", bench.Path("run"), "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        using var report = JsonDocument.Parse(evaluated.Out);
        Assert.Equal(
            summary.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("average").GetDouble(),
            report.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("average").GetDouble(),
            1e-5);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_program_trains_in_one_call_what_the_command_line_trains()
    {
        using var bench = new Workbench { Families = [OwnFamilies.Depths] };
        var defaults = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu).With(OwnFamilies.Depths);
        var epochs = new List<int>();
        var run = Trainer.Train(
            Synthetic.Descriptor,
            defaults with { Parameters = defaults.Parameters with { EpochSize = 2 } },
            bench.Path("program"),
            epoch: report => epochs.Add(report.Epoch));
        Assert.Equal(0, bench.Run("train", "synthetic", "--model", "depths", "--epochs", "2", "--out", "line").Code);
        var summary = run.IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        Assert.Equal([1, 2], epochs);
        foreach (var name in new[] { "best-average", "last" })
        {
            Assert.Equal(
                File.ReadAllBytes(new RunDirectory(bench.Path("line")).Last.Replace("last", name, StringComparison.Ordinal)),
                File.ReadAllBytes(new RunDirectory(bench.Path("program")).Last.Replace("last", name, StringComparison.Ordinal)));
        }

        using var saved = JsonDocument.Parse(File.ReadAllText(bench.Path("line", "summary.json")));
        Assert.Equal(
            saved.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("average").GetDouble(), summary.Test.Average.Value);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void The_programs_of_the_page_run()
    {
        // They write where the process runs; a misspelt family writes nothing.
        Assert.Equal(2, OwnFamilyPrograms.WithCommandLine(["train", "synthetic", "--model", "depth"]));
        var folder = Path.GetFullPath("runs");
        Assert.False(Path.Exists(folder));
        try
        {
            OwnFamilyPrograms.WithoutCommandLine();
            using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "depths", "summary.json")));
            Assert.Equal("depths", summary.RootElement.GetProperty("model").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_program_gets_every_fault_and_no_folder()
    {
        using var bench = new Workbench();
        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu).With(OwnFamilies.Depths) with
        {
            Options = new() { TopK = 5, Levels = 2 },
        };
        var faults = Trainer.Train(Synthetic.Descriptor, config, bench.Path("run"))
            .Match(Succ: _ => [], Fail: f => f.Map(x => x.ToString()).ToArray());
        Assert.Equal(
            [
                "levels: the model depths has no use for it; leave it out",
                "top_k: a gate chooses the top 5 of 4 experts; give 1 to 4, or have more experts",
            ],
            faults);
        var chosen = Trainer.Train(Synthetic.Descriptor, config with { Options = new() { TopK = 5 } }, bench.Path("run"))
            .Match(Succ: _ => [], Fail: f => f.Map(x => x.ToString()).ToArray());
        Assert.Equal(["top_k: a gate chooses the top 5 of 4 experts; give 1 to 4, or have more experts"], chosen);
        Assert.False(Path.Exists(bench.Path("run")));
    }

    [Fact]
    public void A_family_of_ones_own_is_found_by_a_misspelt_name_and_beside_those_of_the_literature()
    {
        using var bench = new Workbench { Families = [OwnFamilies.Depths] };
        Assert.Equal("--model: unknown model 'depth'; did you mean 'depths'?\n", bench.Run("train", "synthetic", "--model", "depth").Error);
        Assert.Equal(
            "--model: unknown model 'wholly-other'; available are mmoe, single-task, shared-bottom, one-gate, cgc, ple, cross-stitch, depths\n",
            bench.Run("train", "synthetic", "--model", "wholly-other").Error);
        Assert.Equal(
            "top_k: the model shared-bottom has no use for it; leave it out, or take another model: mmoe, one-gate, cgc, ple, depths\n",
            bench.Run("train", "synthetic", "--model", "shared-bottom", "--set", "top_k=2").Error);
    }

    [Fact]
    public void A_family_whose_parts_do_not_fit_is_refused_before_anything_is_trained()
    {
        var wide = new ModelFamily("wide", "one expert is wider", parts => new Level(
            [new Expert("0", parts.Expert), new Expert("1", new Dense(5, Activation.ReLU))],
            [new Mixture(Streams.Shared, ["0", "1"], parts.Gate)]) >> ModelFamilies.Towers(parts.Tasks, parts.Tower, Streams.Shared));
        using var bench = new Workbench { Families = [wide] };
        var outcome = bench.Run("train", "synthetic", "--model", "wide", "--out", "run");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("expert 1 gives 5 values, expert 0 gives 4", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.False(Path.Exists(bench.Path("run")));
    }

    [Fact]
    public void A_family_of_ones_own_is_named_in_the_help_of_training()
    {
        using var bench = new Workbench { Families = [OwnFamilies.Depths] };
        var help = bench.Run("train", "--help").Out;
        Assert.EndsWith($"Model families of this program:\n  depths  {OwnFamilies.Depths.Description}\n", help, StringComparison.Ordinal);
        Assert.DoesNotContain("of this program", bench.Run("evaluate", "--help").Out, StringComparison.Ordinal);
        using var plain = new Workbench();
        Assert.DoesNotContain("of this program", plain.Run("train", "--help").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mixture_without_an_expert_is_said_to_be_one_whoever_made_it()
    {
        var empty = new ModelFamily("empty", "a gate over nothing", parts => new Level(
            [new Expert("0", parts.Expert)],
            [new Mixture(Streams.Shared, [], parts.Gate)]) >> ModelFamilies.Towers(parts.Tasks, parts.Tower, Streams.Shared));
        Assert.Contains("model empty: the mixture 'shared' has no expert; it needs at least one", Faults(empty));
        Assert.Equal(
            ["model: the family broken cannot arrange these parts: DivideByZeroException: no experts; mend its Arrange, or take another model"],
            Faults(new("broken", "throws", _ => throw new DivideByZeroException("no experts"))));
        Assert.Equal(["model: the family none arranges no model: its Arrange gives null; mend it"], Faults(new("none", "gives null", _ => null!)));
        Assert.Equal(
            [
                "the model family 'a b' names the key 'units', which every family has or none; "
                + $"take some of {string.Join(", ", ModelFamily.OwnKeys)}",
                "a model family is named 'a b'; take letters, digits and hyphens",
            ],
            Faults(OwnFamilies.Depths with { Name = "a b", Keys = ["units"] }));

        static string[] Faults(ModelFamily family)
        {
            using var bench = new Workbench();
            return Trainer.Train(
                Synthetic.Descriptor, TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu).With(family), bench.Path("run"))
                .Match(Succ: _ => [], Fail: f => f.Map(x => x.ToString()).ToArray());
        }
    }

    [Fact]
    public void Families_whose_names_or_keys_cannot_be_are_refused_together()
    {
        ModelFamily Named(string name) => OwnFamilies.Depths with { Name = name };
        var greedy = OwnFamilies.Depths with { Keys = ["top_k", "units"] };
        using var bench = new Workbench { Families = [Named("mmoe"), Named("my model"), Named("-x"), greedy] };
        var outcome = bench.Run("datasets");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            [
                "2 model families are named 'mmoe'; rename all but one",
                "a model family is named 'my model'; take letters, digits and hyphens",
                "a model family is named '-x'; take letters, digits and hyphens",
                "the model family 'depths' names the key 'units', which every family has or none; "
                + "take some of gate_bias, gate_units, gate_temperature, top_k, shared_experts, task_experts, levels, stitch_own",
            ],
            outcome.ErrorLines);
    }
}
