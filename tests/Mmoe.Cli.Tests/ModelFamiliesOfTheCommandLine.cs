using System.Text.Json;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary><c>--model</c> and the keys of a model: what they do, and that none is taken in vain.</summary>
public sealed class ModelFamiliesOfTheCommandLine
{
    private static readonly string[] Small =
        ["--epochs", "2", "--set", "train_rows=200", "--set", "validation_rows=50", "--set", "test_rows=50", "--json"];

    public static TheoryData<string> Families => [.. ModelNames.Available];

    [Fact]
    public void The_families_are_those_of_the_contract_and_cross_stitch()
    {
        Assert.Equal(["mmoe", "single-task", "shared-bottom", "one-gate", "cgc", "ple", "cross-stitch"], ModelNames.Available);
        using var bench = new Workbench();
        var help = string.Join(' ', bench.Run("train", "--help").Out.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(string.Join(", ", ModelNames.Available), help, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    [Trait("Native", "libtorch")]
    public void Every_family_trains_is_evaluated_alike_and_depends_on_its_seed_alone(string model)
    {
        using var bench = new Workbench();
        string Test(string run, int seed)
        {
            var outcome = bench.Run(["train", "synthetic", "--model", model, "--seed", $"{seed}", "--out", run, .. Small]);
            Assert.True(outcome.Code == 0, outcome.Error);
            using var summary = JsonDocument.Parse(outcome.Out);
            Assert.Equal(model, summary.RootElement.GetProperty("model").GetString());
            return summary.RootElement.GetProperty("metrics").GetProperty("test").GetRawText();
        }

        var first = Test("first", seed: 1);
        Assert.Equal(first, Test("again", seed: 1));
        Assert.NotEqual(first, Test("other", seed: 2));

        // The engine's numbers and those of the managed forward pass are of single precision, and summed up in another order.
        var evaluated = bench.Run("evaluate", "first", "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        using var report = JsonDocument.Parse(evaluated.Out);
        using var trained = JsonDocument.Parse(first);
        foreach (var task in new[] { "y0", "y1" })
        {
            foreach (var metric in trained.RootElement.GetProperty(task).EnumerateObject())
            {
                Assert.Equal(
                    metric.Value.GetDouble(),
                    report.RootElement.GetProperty("metrics").GetProperty("test").GetProperty(task).GetProperty(metric.Name).GetDouble(),
                    1e-5);
            }
        }
    }

    /// <summary>Each key with a value that is not its default, and a family that has a use for it.</summary>
    public static TheoryData<string, string, string> Keys => new()
    {
        { "activation", "gelu", "mmoe" },
        { "dropout", "0.25", "mmoe" },
        { "layer_norm", "true", "mmoe" },
        { "residual", "true", "mmoe --units 4,4" },
        { "expert_bias", "false", "mmoe" },
        { "gate_bias", "false", "one-gate" },
        { "gate_units", "[6, 5]", "mmoe" },
        { "gate_temperature", "2.5", "cgc" },
        { "top_k", "2", "mmoe" },
        { "shared_experts", "1", "cgc" },
        { "task_experts", "3", "ple" },
        { "levels", "3", "ple" },
        { "stitch_own", "0.7", "cross-stitch" },
        { "positive_weight", "[income:2.5]", "adult" },
        { "label_smoothing", "[0.1]", "adult" },
        { "huber_delta", "[y1:0.5]", "shared-bottom" },
        { "weighting", "uncertainty", "mmoe" },
        { "task_weights", "[y0:3, y1:0.5]", "mmoe" },
        { "freeze", "[gates, experts.0]", "mmoe" },
    };

    [Fact]
    public void No_key_of_a_model_is_left_out_here() =>
        Assert.Equal(ModelKeys(), Keys.Select(key => (string)((object[])key)[0]));

    [Theory]
    [MemberData(nameof(Keys))]
    [Trait("Native", "libtorch")]
    public void A_key_is_saved_as_it_was_set_changes_the_run_and_the_saved_configuration_gives_the_same_run(
        string key, string value, string model)
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        string[] dataset = model == "adult" ? ["adult", "--epochs", "2", "--json"] : ["synthetic", .. Small, "--model", .. model.Split(' ')];
        string Run(string run, params string[] options)
        {
            var outcome = bench.Run(["train", .. dataset, .. options, "--out", run]);
            Assert.True(outcome.Code == 0, outcome.Error);
            using var summary = JsonDocument.Parse(outcome.Out);
            return summary.RootElement.GetProperty("metrics").GetRawText();
        }

        bool Is(string line, string name) => line.StartsWith($"{name}:", StringComparison.Ordinal);
        string[] Saved(string run) => [.. File.ReadLines(bench.Path(run, "config.yaml")).Where(line => !Is(line, "dataset"))];

        var plain = Run("plain");
        var set = Run("set", "--set", $"{key}={value}");
        Assert.NotEqual(plain, set);
        Assert.Contains($"{key}: {value}", Saved("set"));
        Assert.Equal([$"{key}: {value}"], Saved("set").Except(Saved("plain")));
        var again = Run("again", [.. Saved("set")
            .Where(line => !Is(line, "dimension") && !Is(line, "weight_by"))
            .SelectMany(line => new[] { "--set", line.Replace(": ", "=", StringComparison.Ordinal) })]);
        Assert.Equal(set, again);
        Assert.Equal(Saved("set"), Saved("again"));
    }

    [Theory]
    [InlineData("--model mmoe --set top_k=9", "top_k: a gate chooses the top 9 of 8 experts; give 1 to 8, or have more experts")]
    [InlineData("--model ple --set top_k=7", "top_k: a gate chooses the top 7 of 6 experts; give 1 to 6, or have more experts")]
    [InlineData("--set top_k=0", "--set top_k=0: 0 is out of range; give a number from 1 to 4096")]
    [InlineData("--units 0", "--units: 0 is out of range; give whole numbers from 1 to 65536, separated by commas")]
    [InlineData(
        "--set tower_units=4,0",
        "--set tower_units=4,0: 0 is out of range; give whole numbers from 1 to 65536, separated by commas, or [] for none")]
    [InlineData("--set positive_weight=y3:2", "positive_weight: the dataset has no task 'y3'; leave it out: the dataset has none")]
    [InlineData("--set positive_weight=y0:2", "positive_weight: 'y0' is not a binary task; leave it out: the dataset has none")]
    [InlineData("--set positive_weight=2", "positive_weight: it is for a binary task, and the dataset has none; leave it out")]
    [InlineData("--set label_smoothing=0.1", "label_smoothing: it is for a task with classes, and the dataset has none; leave it out")]
    [InlineData("--set task_weights=y3:2", "task_weights: the dataset has no task 'y3'; did you mean 'y0'?")]
    [InlineData("--set task_weights=another:2", "task_weights: the dataset has no task 'another'; it can be given for y0, y1")]
    [InlineData("--set task_weights=y0:1,y0:2", "task_weights: 'y0' has two numbers; give it one")]
    [InlineData("--set task_weights=0", "task_weights: every task weighs 0, and there is nothing to train; give one of them a weight above 0")]
    [InlineData(
        "--set weighting=pcgrad --set task_weights=y0:2",
        "task_weights: with weighting=pcgrad no weight is fixed; leave it out, or set weighting=fixed")]
    [InlineData("--set weighting=pcgard", "--set weighting=pcgard: unknown weighting 'pcgard'; did you mean 'pcgrad'?")]
    [InlineData("--model mmoe --set levels=2", "levels: the model mmoe has no use for it; leave it out, or take another model: ple")]
    [InlineData(
        "--model single-task --set top_k=2",
        "top_k: the model single-task has no use for it; leave it out, or take another model: mmoe, one-gate, cgc, ple")]
    [InlineData(
        "--model cgc --set stitch_own=1",
        "stitch_own: the model cgc has no use for it; leave it out, or take another model: cross-stitch")]
    [InlineData(
        "--model cgc --set shared_experts=0 --set task_experts=0",
        "task_experts: with shared_experts=0 and task_experts=0 a task has no expert; give one of the two at least 1")]
    [InlineData(
        "--units 4,8 --set residual=true",
        "residual: no hidden layer is as wide as the one before it; give units or tower_units two neighbours of equal width")]
    [InlineData("--model mmo", "--model: unknown model 'mmo'; did you mean 'mmoe'?")]
    [InlineData("--model shared-botom", "--model: unknown model 'shared-botom'; did you mean 'shared-bottom'?")]
    [InlineData(
        "--model transformer",
        "--model: unknown model 'transformer'; available are mmoe, single-task, shared-bottom, one-gate, cgc, ple, cross-stitch")]
    [InlineData(
        "--set freeze=expert",
        "freeze: there is no part 'expert' to freeze; did you mean 'experts'? "
        + "its parts are experts, gates, towers, and what begins with one of them as 'experts.0.dense.0.weight' does")]
    [InlineData(
        "--set freeze=experts,gates,towers",
        "freeze: every part is frozen, and there is nothing to train; leave one out of experts, gates, towers")]
    public void A_model_that_cannot_be_is_refused_with_the_place_and_the_way_out(string options, string message)
    {
        using var bench = new Workbench();
        var outcome = bench.Run(["train", "synthetic", .. options.Split(' '), "--out", "run"]);
        Assert.Equal((2, $"{message}\n", ""), (outcome.Code, outcome.Error, outcome.Out));
        Assert.Equal([], Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void Everything_that_is_wrong_with_a_model_is_said_at_once()
    {
        using var bench = new Workbench();
        var outcome = bench.Run(
            "train", "synthetic", "--model", "cross-stitch", "--set", "levels=2", "--set", "huber_delta=y2:1", "--set", "residual=true");
        Assert.Equal(
            [
                "levels: the model cross-stitch has no use for it; leave it out, or take another model: ple",
                "residual: no hidden layer is as wide as the one before it; give units or tower_units two neighbours of equal width",
                "huber_delta: the dataset has no task 'y2'; did you mean 'y0'?",
            ],
            outcome.ErrorLines);
        Assert.Equal(2, outcome.Code);
    }

    [Fact]
    public void A_negative_weight_is_refused_where_it_stands_by_whoever_weighs_by_it()
    {
        using var bench = DeliveriesData.Bench(100, (i, line) => i is 31 or 34 ? Weighing(line, "-2") : line);
        string[] faults =
        [
            .. new[] { 31, 34 }.Select(i =>
            {
                var line = File.ReadAllLines(bench.Path("data", "deliveries", "deliveries.csv"))[i + 1];
                return $"{bench.Path("data", "deliveries", "deliveries.csv")}:{i + 2}:{string.Join(',', line.Split(',')[..4]).Length + 2}: '-2' in column "
                    + "'meals' is negative, and rows are weighed by it; a weight is 0 or more: correct it, or weigh by another column";
            }),
        ];
        var outcome = bench.Run("train", "deliveries", "--weight-by", "meals", "--out", "run");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(faults, outcome.ErrorLines);
        Assert.False(Path.Exists(bench.Path("run")));

        // Who does not weigh by the column may have it as it is: a number like any other.
        Assert.Equal(0, bench.Run("train", "deliveries", "--epochs", "1", "--out", "run").Code);
    }

    [Fact]
    public void A_task_without_a_row_to_train_on_is_refused_before_anything_is_written()
    {
        using var weightless = DeliveriesData.Bench(100, (_, line) => Weighing(line, "0"));
        var outcome = weightless.Run("train", "deliveries", "--weight-by", "meals", "--out", "run");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            new[] { "cold", "rating", "minutes" }.Select(task =>
                $"the train split has no row for the task '{task}': every label is missing, or its row weighs 0 in 'meals'; "
                + "choose other rows in the schema's splits"),
            outcome.ErrorLines);

        using var unlabelled = DeliveriesData.Bench(100, (_, line) => string.Join(',', [.. line.Split(',')[..5], "NA", .. line.Split(',')[6..]]));
        outcome = unlabelled.Run("train", "deliveries", "--out", "run");
        Assert.Equal(1, outcome.Code);
        Assert.Equal(
            "the train split has no row for the task 'cold': every label is missing; choose other rows in the schema's splits",
            Assert.Single(outcome.ErrorLines));
        Assert.False(Path.Exists(unlabelled.Path("run")));
    }

    private static string Weighing(string line, string weight) => string.Join(',', [.. line.Split(',')[..4], weight, .. line.Split(',')[5..]]);

    [Fact]
    [Trait("Native", "libtorch")]
    public void Layers_of_equal_width_are_gone_around_by_every_family()
    {
        // As many parameters as without, and other numbers.
        using var bench = new Workbench();
        foreach (var model in ModelNames.Available)
        {
            (int Parameters, string Metrics) Run(bool residual)
            {
                var outcome = bench.Run([
                    "train", "synthetic", "--model", model, "--units", "4,4", "--set", "tower_units=[]", "--set", $"residual={residual}",
                    .. Small,
                ]);
                Assert.True(outcome.Code == 0, outcome.Error);
                using var summary = JsonDocument.Parse(outcome.Out);
                return (summary.RootElement.GetProperty("parameters").GetInt32(), summary.RootElement.GetProperty("metrics").GetRawText());
            }

            var (plain, gone) = (Run(false), Run(true));
            Assert.Equal(plain.Parameters, gone.Parameters);
            Assert.NotEqual(plain.Metrics, gone.Metrics);
        }
    }

    private static string[] ModelKeys()
    {
        // Those between the widths of a tower and the rows of a step.
        var keys = Settings.All.Select(setting => setting.Key).ToArray();
        return keys[(Array.IndexOf(keys, "tower_units") + 1)..Array.IndexOf(keys, "batch_size")];
    }
}
