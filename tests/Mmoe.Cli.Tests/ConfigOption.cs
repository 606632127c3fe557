namespace Mmoe.Cli.Tests;

/// <summary><c>mmoe train --config F.yaml</c>: the layer between the schema and the command line.</summary>
public sealed class ConfigOption
{
    // A dataset that is drawn, and small.
    private const string Small = "train_rows: 64\nvalidation_rows: 16\ntest_rows: 16\nepoch_size: 1\n";

    [SkippableFact]
    [Trait("Native", "libtorch")]
    public void The_file_lies_over_the_schema_and_the_command_line_over_both()
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", $"{Small}batch_size: 16\nnum_experts: 3\nseed: 7\nmodel: one-gate\n");
        var outcome = bench.Run(
            "train", "synthetic", "--config", "c.yaml", "--experts", "2", "--set", "seed=9", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        var saved = File.ReadAllLines(bench.Path("run", "config.yaml"));
        foreach (var line in (string[])["model: one-gate", "batch_size: 16", "num_experts: 2", "seed: 9", "units: [4]", "train_rows: 64"])
        {
            Assert.Contains(line, saved);
        }

        // The run's own configuration is one too, and gives the same run.
        var again = bench.Run("train", "synthetic", "--config", Path.Combine("run", "config.yaml"), "--out", "again");
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(saved, File.ReadAllLines(bench.Path("again", "config.yaml")));
        Assert.Equal(
            File.ReadAllBytes(bench.Path("run", "checkpoints", "best-average.safetensors")),
            File.ReadAllBytes(bench.Path("again", "checkpoints", "best-average.safetensors")));
    }

    [Fact]
    public void Faults_of_the_file_and_of_the_command_line_are_told_together()
    {
        using var bench = new Workbench();
        bench.Write("configs/c.yaml", "batch_size: none\nlearning_rat: 1\n");
        var outcome = bench.Run("train", "synthetic", "--config", "configs/c.yaml", "--epochs", "0", "--batch-size", "8");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            [
                "configs/c.yaml:1:13: batch_size: 'none' is not a whole number",
                "configs/c.yaml:2:1: unknown key 'learning_rat'; did you mean 'learning_rate'?",
                "--epochs: 0 is out of range; give a number from 1 to 1000000",
            ],
            outcome.ErrorLines);
        Assert.False(Directory.Exists(bench.Path("runs")));
    }

    [Theory]
    [InlineData("none.yaml", "none.yaml: there is no such file; name a YAML file of keys and values")]
    [InlineData("folder", "folder: this is a folder; name a file in it")]
    [InlineData("broken.yaml", "broken.yaml:2:8: this is no YAML: while scanning a quoted scalar, found unexpected end of stream; close the quotation marks")]
    public void A_file_that_cannot_be_read_does_not_hide_what_else_is_wrong(string name, string says)
    {
        using var bench = new Workbench();
        bench.Write("folder/c.yaml", "");
        bench.Write("broken.yaml", "seed: 1\nmodel: 'mmoe\n");
        var outcome = bench.Run("train", "synthetic", "--config", name, "--epochs", "0");
        Assert.Equal(2, outcome.Code);
        Assert.Equal([says, "--epochs: 0 is out of range; give a number from 1 to 1000000"], outcome.ErrorLines);
    }

    [Theory]
    [InlineData("dataset: adult", "c.yaml:1:10: dataset: 'adult' is not the dataset that is asked for; it is 'synthetic': leave the key out, or correct it")]
    [InlineData("num_features: 499", "c.yaml:1:15: num_features: 499 is not the schema's number of features; it is 100: leave the key out, or correct it")]
    [InlineData("dimension: 99", "c.yaml:1:12: dimension: dimension follows from the schema's columns; it is 100: leave the key out, or correct it")]
    [InlineData("warmup_epochs: 0\nschedule: warmup-inverse-sqrt", "c.yaml:2:11: schedule: ")]
    public void What_the_dataset_or_another_key_decides_is_checked_in_the_files_place(string text, string says)
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", text);
        var outcome = bench.Run("train", "synthetic", "--config", "c.yaml");
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(says, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_mends_what_only_two_keys_together_make_wrong()
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", "warmup_epochs: 0\nschedule: warmup-inverse-sqrt\n");
        var outcome = bench.Run("train", "synthetic", "--config", "c.yaml", "--set", "warmup_epochs=0", "--model", "mmeo");
        Assert.StartsWith("--model: unknown model", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        outcome = bench.Run("train", "synthetic", "--config", "c.yaml", "--set", "warmup_epochs=0");
        Assert.StartsWith("--set warmup_epochs=0: ", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        outcome = bench.Run("train", "synthetic", "--config", "c.yaml", "--set", "warmup_epochs=1", "--exclude", "none");
        Assert.DoesNotContain("warm", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_name_and_two_files_are_refused()
    {
        using var bench = new Workbench();
        Assert.Equal(
            ["--config: the value is empty; give one, or leave the option out"], bench.Run("train", "synthetic", "--config=").ErrorLines);
        Assert.Equal(2, bench.Run("train", "synthetic", "--config", "a.yaml", "--config", "b.yaml").Code);
    }

    [Fact]
    public void Parts_that_are_not_there_are_told_where_they_were_to_be_frozen()
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", "seed: 3\nfreeze: [gates, expert]\n");
        var outcome = bench.Run("train", "synthetic", "--config", "c.yaml");
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(
            "c.yaml:2:9: freeze: there is no part 'expert' to freeze; did you mean 'experts'?", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_do_not_go_together_are_told_where_they_were_set_last_and_all_at_once()
    {
        using var bench = new Workbench();
        bench.Write("c.yaml", "num_experts: 4\ntop_k: 9\nexclude: [x100]\nmomentum: 0.5\ntask_weights:\n  y: 2\nunits: [5, 5]\n");
        var outcome = bench.Run("train", "synthetic", "--config", "c.yaml", "--set", "levels=2");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            [
                "c.yaml:4:11: momentum: the optimizer adam has no use for it; set beta1, or take sgd",
                "c.yaml:3:10: exclude: 'synthetic' has no column 'x100' to exclude; did you mean 'x10'?",
                "levels: the model mmoe has no use for it; leave it out, or take another model: ple",
                "c.yaml:6:3: task_weights: the dataset has no task 'y'; did you mean 'y0'?",
                "c.yaml:2:8: top_k: a gate chooses the top 9 of 4 experts; give 1 to 4, or have more experts",
            ],
            outcome.ErrorLines);
        Assert.False(Path.Exists(bench.Path("runs")));
    }
}
