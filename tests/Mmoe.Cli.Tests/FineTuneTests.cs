using System.Text.Json;
using System.Text.RegularExpressions;
using LanguageExt;
using Mmoe.Cli.Tests.Datasets;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>
/// A model of Adult, trained on with a schema that has one value of <c>workclass</c> more, among others in another order, and one task more,
/// between the two that there were.
/// </summary>
[Trait("Native", "libtorch")]
public sealed class FineTuneTests
{
    private const int Rows = 60;

    private static readonly string[] Old = ["income", "never_married"];

    private static string? RealData => Environment.GetEnvironmentVariable("MMOE_DATA");

    [Theory]
    [InlineData("mmoe")]
    [InlineData("single-task")]
    [InlineData("cgc")]
    public void What_is_carried_over_predicts_as_before_until_it_is_trained(string model)
    {
        using var bench = Bench(model);
        var outcome = bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--out", "new");
        Assert.True(outcome.Code == 0, outcome.Error);
        AssertSameBefore(bench.Path("old"), bench.Path("new"), bench.Path("data", "adult"), bench.Path("data", "adult-next"), Rows);
        Assert.Contains("inputs: 100 of 101 carried over; new: workclass 'Platform'", outcome.ErrorLines);
        Assert.Contains("tasks: income, never_married carried over; new: married, built as income", outcome.ErrorLines);
    }

    [SkippableFact]
    public void The_same_holds_for_the_published_rows()
    {
        Skip.If(string.IsNullOrEmpty(RealData), "MMOE_DATA is not set: it names a folder with adult/");
        using var bench = new Workbench { Datasets = Both(), MmoeData = RealData };
        string[] options = ["--data", System.IO.Path.Combine(RealData!, "adult"), "--epochs", "1", "--batch-size", "256", "--learning-rate", "0.01"];
        var trained = bench.Run(["train", "adult", .. options, "--out", "old"]);
        Assert.True(trained.Code == 0, trained.Error);
        var outcome = bench.Run(["fine-tune", "old", "adult-next", .. options, "--out", "new"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        var data = System.IO.Path.Combine(RealData!, "adult");
        AssertSameBefore(bench.Path("old"), bench.Path("new"), data, data, 16_281);

        // No worse than where it came from, and the new task is learnt: about 0.98 with the relationship among the inputs.
        Assert.InRange(Area(bench, "new", "income"), Area(bench, "old", "income") - 0.003, 1);
        Assert.InRange(Area(bench, "new", "married"), 0.95, 1);
    }

    [Fact]
    public void What_is_frozen_does_not_move_and_the_rest_does()
    {
        using var bench = Bench("mmoe");
        var outcome = bench.Run(
            "fine-tune", "old", "adult-next", "--freeze", "experts,gates.income", "--epochs", "2", "--learning-rate", "0.01", "--out", "new");
        Assert.True(outcome.Code == 0, outcome.Error);
        var (start, last) = (Load(new RunDirectory(bench.Path("new")).Start), Load(new RunDirectory(bench.Path("new")).Last));
        foreach (var entry in start.Layout().Entries)
        {
            var isFrozen = entry.Name.StartsWith("experts.", StringComparison.Ordinal)
                || entry.Name.StartsWith("gates.income.", StringComparison.Ordinal);
            Assert.True(isFrozen == Values(start, entry.Name).SequenceEqual(Values(last, entry.Name)), entry.Name);
        }

        Assert.Contains(
            outcome.ErrorLines, line => line.StartsWith("frozen, but new in part, and this part stays as it starts: experts.0,", StringComparison.Ordinal));
    }

    [Fact]
    public void Frozen_experts_are_those_of_all_levels()
    {
        using var bench = Bench("ple");
        var outcome = bench.Run(
            "fine-tune", "old", "adult", "--freeze", "experts", "--epochs", "1", "--learning-rate", "0.01", "--out", "new");
        Assert.True(outcome.Code == 0, outcome.Error);
        var (start, last) = (Load(new RunDirectory(bench.Path("new")).Start), Load(new RunDirectory(bench.Path("new")).Last));
        Assert.Contains(start.Layout().Entries, entry => entry.Name.StartsWith("levels.1.experts.", StringComparison.Ordinal));
        Assert.All(start.Layout().Entries, entry => Assert.True(
            entry.Name.Contains("experts.", StringComparison.Ordinal) == Values(start, entry.Name).SequenceEqual(Values(last, entry.Name)),
            entry.Name));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("fine-tune")]
    public void A_run_goes_on_without_the_checkpoint_that_it_came_from(string command)
    {
        using var bench = Bench("mmoe");
        var whole = bench.Run("fine-tune", "old", "adult-next", "--epochs", "2", "--out", "whole");
        Assert.True(whole.Code == 0, whole.Error);
        Assert.Equal(0, bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--out", "parts").Code);
        Directory.Delete(bench.Path("old"), recursive: true);
        string[] named = command == "train" ? ["train"] : ["fine-tune", "old"];
        var resumed = bench.Run([.. named, "adult-next", "--resume", "--epochs", "2", "--out", "parts"]);
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("this run goes on in parts after 1 epoch", resumed.ErrorLines);
        Assert.DoesNotContain(resumed.ErrorLines, line => line.StartsWith("inputs:", StringComparison.Ordinal));
        Assert.Equal(
            Load(new RunDirectory(bench.Path("whole")).Last).Parameters, Load(new RunDirectory(bench.Path("parts")).Last).Parameters);
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_checkpoint_begins_again_with_what_it_began_with()
    {
        using var bench = Bench("mmoe");
        Assert.Equal(0, bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--set", "encode=age=log1p", "--out", "new").Code);
        var (start, last) = (new RunDirectory(bench.Path("new")).Start, new RunDirectory(bench.Path("new")).Last);
        var (begun, trained) = (File.ReadAllBytes(start), Load(last).Parameters);
        Directory.Delete(bench.Path("old"), recursive: true);
        foreach (var checkpoint in Directory.GetFiles(bench.Path("new", "checkpoints")).Where(file => file != start))
        {
            File.Delete(checkpoint);
        }

        var outcome = bench.Run("train", "adult-next", "--resume", "--out", "new");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(begun, File.ReadAllBytes(start));
        Assert.Equal(trained, Load(last).Parameters);
    }

    [Fact]
    public void The_saved_configuration_trains_the_same_again_and_names_no_model()
    {
        using var bench = Bench("mmoe", "--exclude", "race", "--weight-by", "fnlwgt");
        Assert.Equal(0, bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--out", "new").Code);
        var saved = File.ReadAllText(bench.Path("new", "config.yaml"));
        Assert.Contains($"checkpoint: '{bench.Path("old", "checkpoints", "best-average.safetensors")}'\n", saved, StringComparison.Ordinal);
        Assert.Contains("exclude: [race]\nweight_by: fnlwgt\n", saved, StringComparison.Ordinal);
        Assert.DoesNotContain("num_experts:", saved, StringComparison.Ordinal);
        Assert.DoesNotContain("model:", saved, StringComparison.Ordinal);
        Assert.Equal(0, bench.Run("train", "adult-next", "--config", "new/config.yaml", "--out", "again").Code);
        Assert.Equal(
            Load(new RunDirectory(bench.Path("new")).Last).Parameters, Load(new RunDirectory(bench.Path("again")).Last).Parameters);

        // What the checkpoint says is the lowest layer.
        var asked = bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--set", "exclude=sex", "--set", "weight_by=", "--out", "asked");
        Assert.True(asked.Code == 0, asked.Error);
        var inputs = Load(new RunDirectory(bench.Path("asked")).Last).Inputs;
        Assert.Null(inputs.WeightColumn);
        Assert.Contains(inputs.Gathered, input => input.Column == "race");
        Assert.Contains("inputs: 93 of 99 carried over; new: workclass 'Platform', race (5 inputs); gone: sex (2 inputs)", asked.ErrorLines);
    }

    [Fact]
    public void A_task_and_a_value_that_are_gone_leave_the_others_as_they_were()
    {
        using var bench = Bench("mmoe");
        Assert.Equal(0, bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--out", "new").Code);
        var outcome = bench.Run("fine-tune", "new", "adult", "--epochs", "1", "--out", "back");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains("inputs: 100 of 100 carried over; gone: workclass 'Platform'", outcome.ErrorLines);
        Assert.Contains("tasks: income, never_married carried over; gone: married", outcome.ErrorLines);
        using var report = JsonDocument.Parse(File.ReadAllText(bench.Path("back", "fine-tune.json")));
        Assert.Equal(
            ["gates.married.weight", "gates.married.bias", "towers.married.dense.0.weight", "towers.married.dense.0.bias",
            "towers.married.output.weight", "towers.married.output.bias"],
            report.RootElement.GetProperty("parameters").GetProperty("gone").EnumerateArray().Select(name => name.GetString()!));
        var (start, best) = (Load(new RunDirectory(bench.Path("back")).Start), Load(new RunDirectory(bench.Path("new")).Best(Best.Average)));
        Assert.All(
            start.Layout().Entries.Where(entry => entry.Name.StartsWith("towers.", StringComparison.Ordinal)),
            entry => Assert.Equal(Values(best, entry.Name), Values(start, entry.Name)));
    }

    [Fact]
    public void The_report_says_what_became_of_every_parameter()
    {
        using var bench = Bench("mmoe");
        Assert.Equal(0, bench.Run("fine-tune", "old", "adult-next", "--epochs", "1", "--out", "new").Code);
        using var report = JsonDocument.Parse(File.ReadAllText(bench.Path("new", "fine-tune.json")));
        var parameters = report.RootElement.GetProperty("parameters");
        var partly = parameters.GetProperty("partly").EnumerateArray().ToArray();
        Assert.Equal(
            [.. Enumerable.Range(0, 8).Select(e => $"experts.{e}.dense.0.weight"), "gates.income.weight", "gates.never_married.weight"],
            partly.Select(p => p.GetProperty("name").GetString()!));
        Assert.All(partly, p => Assert.Equal(
            p.GetProperty("carried").GetInt32() * 101, p.GetProperty("of").GetInt32() * 100));
        Assert.Equal(
            """[{"column":"workclass","input":"Platform"}]""",
            JsonSerializer.Serialize(report.RootElement.GetProperty("inputs").GetProperty("new")));
        var all = Load(new RunDirectory(bench.Path("new")).Start).Layout().Entries.Select(entry => entry.Name);
        string[] Names(string list) => [.. parameters.GetProperty(list).EnumerateArray().Select(name => name.GetString()!)];
        Assert.Equal(
            all.Order(StringComparer.Ordinal),
            [.. Names("carried").Concat(Names("new")).Concat(partly.Select(p => p.GetProperty("name").GetString()!)).Order(StringComparer.Ordinal)]);
        Assert.All(Names("new"), name => Assert.Contains(".married.", name, StringComparison.Ordinal));
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("new", "summary.json")));
        Assert.Equal("fine-tuned", summary.RootElement.GetProperty("model").GetString());
        Assert.Equal(
            bench.Path("old", "checkpoints", "best-average.safetensors"), summary.RootElement.GetProperty("checkpoint").GetString());
    }

    [Fact]
    public void What_cannot_be_done_is_told_in_a_line_and_nothing_is_written()
    {
        using var bench = Bench("mmoe");
        Assert.Equal(0, bench.Run("train", "synthetic", "--epochs", "1", "--set", "train_rows=100", "--out", "drawn").Code);
        var drawn = bench.Path("drawn", "checkpoints", "best-average.safetensors");
        void Refused(string said, params string[] args)
        {
            var outcome = bench.Run([.. args, "--out", "none"]);
            Assert.Equal(2, outcome.Code);
            Assert.StartsWith(said, outcome.Error, StringComparison.Ordinal);
            Assert.Equal(said.Split('\n').Length, outcome.ErrorLines.Length);
            Assert.False(Directory.Exists(bench.Path("none")));
        }

        Refused("nowhere: there is no such run or checkpoint; name a run's folder or a checkpoint file", "fine-tune", "nowhere", "adult");
        Refused(
            "--model: the model is the checkpoint's; leave it out, or train a new model with 'mmoe train'\n"
            + "--experts: the model is the checkpoint's; leave it out, or train a new model with 'mmoe train'\n"
            + "--set dropout=0.1: the model is the checkpoint's; leave it out, or train a new model with 'mmoe train'",
            "fine-tune", "old", "adult", "--experts", "4", "--model", "cgc", "--set", "dropout=0.1");
        Refused(
            $"{drawn}: no input of the checkpoint, which is of 'synthetic', is one of 'adult'; "
            + "name a checkpoint of the same columns, or train a new model with 'mmoe train'",
            "fine-tune", "drawn", "adult");
        Refused(
            "freeze: towers.married would stay as it starts, since the checkpoint has no such part; "
            + "freeze only what it has: towers.income,towers.never_married",
            "fine-tune", "old", "adult-next", "--freeze", "towers");
        Refused(
            "freeze: there is no part 'tower' to freeze; did you mean 'towers'? its parts are experts, gates, towers",
            "fine-tune", "old", "adult", "--freeze", "tower");
        Refused(
            $"{bench.Path("nowhere.safetensors")}: there is no such checkpoint; name a checkpoint file, or a run's folder",
            "train", "adult", "--set", "checkpoint=nowhere.safetensors");
        Refused("encode: there is no new numeric input for which '*' would stand; leave it out of 'encode'", "fine-tune", "old", "adult", "--set", "encode=*=log1p");
    }

    [Fact]
    public void What_was_fitted_stays_whatever_the_rows_are_by_now_and_losses_stay_unless_others_are_asked_for()
    {
        using var bench = DeliveriesData.Bench(500);
        string[] losses = ["--set", "positive_weight=2", "--set", "label_smoothing=cold:0.05,rating:0.1", "--set", "task_weights=minutes:3"];
        var trained = bench.Run(["train", "deliveries", "--epochs", "1", .. losses, "--set", "encode=hour=quantile:4", "--out", "old"]);
        Assert.True(trained.Code == 0, trained.Error);

        // Deliveries go further by now, and are slower.
        DeliveriesData.Write(bench, 300, (_, line) => line.Split(',') is var fields && fields[7] != "NA" && fields[0].Length > 0
            ? string.Join(',', [$"1{fields[0]}", .. fields[1..7], $"1{fields[7]}"])
            : line);
        var outcome = bench.Run(
            "fine-tune", "old", "deliveries", "--epochs", "1", "--set", "label_smoothing=rating:0.2", "--set", "huber_delta=2", "--out", "new");
        Assert.True(outcome.Code == 0, outcome.Error);
        var (old, start) = (Load(new RunDirectory(bench.Path("old")).Best(Best.Average)), Load(new RunDirectory(bench.Path("new")).Start));
        Assert.Equal(old.Inputs, start.Inputs);
        Assert.Equal(old.TargetScaling, start.TargetScaling);
        Assert.Equal(old.Parameters, start.Parameters);
        Assert.Equal(
            [new BinaryHead(2, 0.05), new MulticlassHead(3, 0.2), new RegressionHead(2)], start.Spec.Towers.Select(tower => tower.Head));
        Assert.Equal(new FixedWeighting([new("minutes", 3)]), start.Spec.Weighting);

        // A model anew on the same rows is fitted to them.
        Assert.Equal(0, bench.Run("train", "deliveries", "--epochs", "1", "--set", "encode=hour=quantile:4", "--out", "anew").Code);
        var anew = Load(new RunDirectory(bench.Path("anew")).Last);
        Assert.NotEqual(old.Inputs, anew.Inputs);
        Assert.NotEqual(old.TargetScaling, anew.TargetScaling);

        var stated = bench.Run("fine-tune", "old", "deliveries", "--epochs", "1", "--set", "task_weights=cold:0.5", "--out", "stated");
        Assert.True(stated.Code == 0, stated.Error);
        Assert.Equal(new FixedWeighting([new("cold", 0.5)]), Load(new RunDirectory(bench.Path("stated")).Start).Spec.Weighting);
        Assert.Equal(0, bench.Run("train", "deliveries", "--epochs", "1", "--set", "weighting=uncertainty", "--out", "uncertain").Code);
        var refused = bench.Run("fine-tune", "uncertain", "deliveries", "--set", "task_weights=cold:0.5", "--out", "none");
        Assert.Equal("task_weights: the checkpoint's model weighs no task by a number; leave it out\n", refused.Error);
    }

    [Fact]
    public void The_page_shows_what_its_commands_say()
    {
        var page = File.ReadAllText(System.IO.Path.Combine(RepositoryRoot.Path, "docs", "fine-tuning.md"));
        string[] Blocks(string language) =>
        [
            .. Regex.Matches(page, "^```([a-z]*)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)
                .Where(match => match.Groups[1].Value == language)
                .Select(match => match.Groups[2].Value),
        ];
        using var bench = Bench("mmoe");
        string[] said =
        [
            .. Blocks("").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)).SelectMany(line =>
            {
                Assert.StartsWith("mmoe ", line, StringComparison.Ordinal);
                var outcome = bench.Run(line.Split(' ')[1..]);
                Assert.True(outcome.Code == 0, outcome.Error);
                return outcome.ErrorLines;
            }),
        ];
        var shown = Blocks("text").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal(5, shown.Length);

        // Which epoch was the best is the rows' to say.
        string Told(string line) => Regex.Replace(line, "epoch [0-9]+$", "epoch");
        Assert.All(shown, line => Assert.Contains(Told(line), said.Select(Told)));
        var program = Assert.Single(Blocks("csharp")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim());
        var compiled = File.ReadLines(System.IO.Path.Combine(RepositoryRoot.Path, "tests", "Mmoe.Cli.Tests", "Examples", "FineTuningPrograms.cs"))
            .Select(line => line.Trim())
            .ToArray();
        Assert.All(program, line => Assert.Contains(line, compiled));
    }

    [Fact]
    public void A_program_can_do_the_same()
    {
        using var bench = Bench("mmoe", "--exclude", "race");
        var best = new RunDirectory(bench.Path("old")).Best(Best.Average);
        var dataset = Adult.Descriptor with { Training = AdultOneEpoch() };
        var config = Valid(
            from layer in ConfigLayers.OfCheckpoint(dataset, best, source: best)
            from whole in ConfigLayers.Effective(dataset, ModelFamilyRegistry.BuiltIn, layer)
            select whole with { Options = whole.Options with { Freeze = ["experts"] } });
        Assert.Equal(["race"], config.Exclude);
        var summary = Valid(Trainer.Train(dataset, config, bench.Path("new"), bench.Path("data", "adult")));
        Assert.Equal(ModelNames.FineTuned, summary.Config.Model);
        var (old, last) = (Load(best), Load(new RunDirectory(bench.Path("new")).Last));
        Assert.Equal(Values(old, "experts.0.dense.0.weight"), Values(last, "experts.0.dense.0.weight"));
        Assert.NotEqual(Values(old, "gates.income.weight"), Values(last, "gates.income.weight"));
    }

    private static TrainingDefaults AdultOneEpoch()
    {
        var parameters = Adult.Descriptor.Training.Cpu with { EpochSize = 1 };
        return new(parameters, parameters, parameters);
    }

    private static DatasetRegistry Both() => Datasets.Registry.All.With(Data.Datasets.Registry.All)
        .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));

    /// <summary>Both datasets with rows, and a model of the old one in <c>old</c>.</summary>
    private static Workbench Bench(string model, params string[] options)
    {
        var bench = new Workbench { Datasets = Both() };
        bench.WriteAdult(Rows);
        bench.WriteAdult(Rows, (i, line) => i % 9 == 4 ? line.Replace("State-gov", "Platform", StringComparison.Ordinal) : line, "adult-next");
        var outcome = bench.Run(["train", "adult", "--model", model, "--epochs", "2", "--learning-rate", "0.01", .. options, "--out", "old"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        return bench;
    }

    // Each model reads the rows by its own schema: the test file, which has no new value.
    private static void AssertSameBefore(string from, string run, string oldData, string newData, int rows)
    {
        var (old, start) = (Load(new RunDirectory(from).Best(Best.Average)), Load(new RunDirectory(run).Start));
        var (before, after) = (Logits(old, Adult.Descriptor, oldData), Logits(start, AdultNext.Descriptor, newData));
        Assert.Equal((rows * 2, rows * 3), (before.Length, after.Length));
        foreach (var task in Old)
        {
            var (there, here) = (Place(old, task), Place(start, task));
            Assert.All(Enumerable.Range(0, rows), row => Assert.Equal(before[(row * 2) + there], after[(row * 3) + here], 1e-5f));
        }

        Assert.Contains(Enumerable.Range(0, rows), row => Math.Abs(before[row * 2] - before[0]) > 1e-3);
    }

    private static int Place(Checkpoint checkpoint, string task) => checkpoint.Spec.Towers.ToList().FindIndex(tower => tower.Task == task);

    private static float[] Logits(Checkpoint checkpoint, DatasetDescriptor dataset, string data)
    {
        var table = Valid(SplitLoader.LoadSplit(dataset, new DataDirectory(data), SplitName.Test));
        var inputs = Valid(ModelInputs.Of(table, checkpoint.Inputs, checkpoint.TargetScaling));
        return new ManagedForward(checkpoint.Spec, checkpoint.Inputs).Logits(checkpoint.Parameters.AsSpan(), inputs);
    }

    private static double Area(Workbench bench, string run, string task)
    {
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path(run, "summary.json")));
        return summary.RootElement.GetProperty("metrics").GetProperty("test").GetProperty(task).GetProperty("auc").GetDouble();
    }

    private static Checkpoint Load(string path) => Valid(Checkpoint.Load(path));

    private static float[] Values(Checkpoint checkpoint, string name)
    {
        var entry = checkpoint.Layout()[name];
        var values = new float[entry.Count];
        entry.CopyFrom(checkpoint.Parameters.AsSpan(), values);
        return values;
    }

    private static T Valid<T>(Validation<Fault, T> result) => result.IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
}
