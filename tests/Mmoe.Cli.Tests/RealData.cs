using System.Text.Json;

namespace Mmoe.Cli.Tests;

/// <summary>The main job on the published data, where the machine has it: what the README promises.</summary>
[Trait("Native", "libtorch")]
public sealed class RealData
{
    private static string? Data => Environment.GetEnvironmentVariable("MMOE_DATA");

    /// <summary>Floors of the honest test AUC, a little below what several seeds reach.</summary>
    [SkippableTheory]
    [InlineData("census-income", 5, "income", 0.938, "never_married", 0.993)]
    [InlineData("adult", 5, "income", 0.90, "never_married", 0.962)]
    [InlineData("bank-marketing", 15, "subscribed", 0.77, "housing", 0.85)]
    public void Training_reaches_the_area_under_the_curve_that_the_readme_states(
        string dataset, int epochs, string first, double firstFloor, string second, double secondFloor)
    {
        using var bench = Bench();
        Reaches(Train(bench, "run", dataset, epochs), (first, firstFloor), (second, secondFloor));
    }

    /// <summary>Every family of the literature with the reference's sizes; mmoe is above.</summary>
    [SkippableTheory]
    [InlineData("single-task")]
    [InlineData("shared-bottom")]
    [InlineData("one-gate")]
    [InlineData("cgc")]
    [InlineData("ple")]
    [InlineData("cross-stitch")]
    public void Every_family_learns_census_income(string model)
    {
        using var bench = Bench();
        Reaches(Train(bench, "run", "census-income", 5, model: model), ("income", 0.937), ("never_married", 0.993));
    }

    /// <summary>The reference's file with the reference's names, but for the hundred epochs.</summary>
    [SkippableFact]
    public void The_default_file_trains_census_income_as_the_reference_did()
    {
        using var bench = Bench();
        var file = Path.Combine(RepositoryRoot.Path, "configs", "default.yaml");
        var outcome = bench.Run("train", "census-income", "--config", file, "--epochs", "2", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        Reaches(
            JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json"))), ("income", 0.937), ("never_married", 0.993));
        var saved = File.ReadAllLines(bench.Path("run", "config.yaml"));
        string[] named =
        [
            "num_features: 499", "num_experts: 8", "units: [4]", "batch_size: 32", "learning_rate: 0.001", "save_checkpoint: true",
            "save_checkpoint_epochs: 1", "keep_checkpoint_max: 10", "warmup_epochs: 5", "epsilon: 1E-07", "clip: tensor", "clip_norm: 5",
        ];
        Assert.All(named, line => Assert.Contains(line, saved));
    }

    [SkippableFact]
    public void The_same_seed_gives_the_same_metrics_and_another_seed_others()
    {
        using var bench = Bench();
        string Metrics(string run, int seed) => Train(bench, run, "adult", 1, seed).RootElement.GetProperty("metrics").GetRawText();
        var first = Metrics("a", 5);
        Assert.Equal(first, Metrics("b", 5));
        Assert.NotEqual(first, Metrics("c", 6));
    }

    [SkippableFact]
    public void Evaluating_a_run_repeats_the_test_metrics_of_its_summary()
    {
        using var bench = Bench();
        var trained = Train(bench, "run", "adult", 1).RootElement.GetProperty("metrics").GetProperty("test");
        var outcome = bench.Run("evaluate", "run", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        using var evaluated = JsonDocument.Parse(outcome.Out);
        Assert.Equal(16_281, evaluated.RootElement.GetProperty("rows").GetInt32());
        foreach (var (task, metric) in new[] { ("income", "auc"), ("income", "log_loss"), ("never_married", "auc"), ("never_married", "brier") })
        {
            // TorchSharp trained, the managed forward pass evaluates.
            Assert.Equal(Number(trained, task, metric), Number(evaluated.RootElement.GetProperty("metrics").GetProperty("test"), task, metric), 1e-5);
        }
    }

    [SkippableFact]
    public void Leaving_out_the_weight_column_or_weighing_by_it_takes_it_out_of_the_inputs()
    {
        using var bench = Bench();
        int Parameters(string run, params string[] options)
        {
            var outcome = bench.Run(["train", "census-income", "--epochs", "1", "--batch-size", "4096", "--out", run, .. options]);
            Assert.True(outcome.Code == 0, outcome.Error);
            using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path(run, "summary.json")));
            return summary.RootElement.GetProperty("parameters").GetInt32();
        }

        // 8 experts of 4 units and 2 gates of 8: 48 columns per input.
        var all = Parameters("all");
        Assert.Equal(all - 48, Parameters("excluded", "--exclude", "instance_weight"));
        Assert.Equal(all - 48, Parameters("weighed", "--weight-by", "instance_weight"));
    }

    private static Workbench Bench()
    {
        Skip.If(string.IsNullOrEmpty(Data), "MMOE_DATA is not set: it names a folder with census-income/, adult/ and bank-marketing/");
        return new Workbench { MmoeData = Data };
    }

    private static void Reaches(JsonDocument summary, params (string Task, double Floor)[] floors)
    {
        var test = summary.RootElement.GetProperty("metrics").GetProperty("test");
        foreach (var (task, floor) in floors)
        {
            var (auc, flattened) = (Number(test, task, "auc"), Number(test, task, "auc_flattened"));
            Assert.True(auc >= floor, $"{task}: AUC {auc:0.0000} is below {floor}");
            Assert.InRange(flattened, 0.5, 1);
        }
    }

    private static JsonDocument Train(Workbench bench, string run, string dataset, int epochs, int seed = 5, string model = "mmoe")
    {
        var outcome = bench.Run(
            "train", dataset, "--model", model, "--epochs", $"{epochs}", "--batch-size", "32", "--learning-rate", "0.001", "--seed", $"{seed}", "--out", run);
        Assert.True(outcome.Code == 0, outcome.Error);
        return JsonDocument.Parse(File.ReadAllText(bench.Path(run, "summary.json")));
    }

    private static double Number(JsonElement split, string task, string metric) => split.GetProperty(task).GetProperty(metric).GetDouble();
}
