using System.IO.Compression;

namespace Mmoe.Cli.Tests;

/// <summary>Each ends with one line that says what, where and what to do, the contract's exit code, and nothing left behind.</summary>
public sealed class BadInput
{
    private static readonly string[] Short = ["--epochs", "1", "--out", "run"];

    [Fact]
    public void A_missing_data_directory_names_the_places_searched()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(["train", "adult", .. Short]), 1, "adult.data", bench.Path("data", "adult"), "--data", "MMOE_DATA");
    }

    [Fact]
    public void A_data_directory_that_does_not_exist_is_named()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(["train", "adult", "--data", "nowhere", .. Short]), 1, "nowhere", "adult.data");
    }

    [Fact]
    public void A_file_in_the_place_of_the_data_directory_is_named_as_one()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        foreach (var command in (string[][])[["train", "adult", .. Short], ["datasets", "adult"], ["datasets"]])
        {
            var line = Fails(bench, bench.Run([.. command, "--data", "data/adult/adult.data"]), 2);
            var says = $"--data {bench.Path("data", "adult", "adult.data")}: this is a file; name the folder that holds";
            Assert.StartsWith(says, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_without_its_header_is_one_error()
    {
        using var bench = new Workbench { Datasets = Datasets.Registry.All };
        var file = bench.Write("data/loans/loans.csv", "34,rent,2100.5,Ann,no\n51,own,NA,Bob,no\n");
        Assert.Equal(
            $"{file}:1: the first line holds '34', 'rent', '2100.5', 'Ann', 'no', expected the header 'age', 'home', 'income', 'officer', "
                + "'defaulted'; the header must name the schema's columns in their order; if the file has none, set \"header\" to false in "
                + "the schema's \"format\"",
            Fails(bench, bench.Run(["train", "loans", .. Short]), 1));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        File.Delete(bench.Path("data", "adult", "adult.test"));
        Fails(bench, bench.Run(["train", "adult", .. Short]), 1, "adult.test");
    }

    [Fact]
    public void A_value_outside_the_vocabulary_is_located_with_the_nearest_value()
    {
        using var bench = new Workbench();
        bench.WriteAdult(change: (i, line) => i == 6 ? line.Replace("Bachelors", "Bachelor", StringComparison.Ordinal) : line);
        var line = Fails(bench, bench.Run(["train", "adult", .. Short]), 1, "'Bachelor'", "education", "'Bachelors'");
        var column = "26, Private, 77006, ".Length + 1;
        Assert.StartsWith($"{bench.Path("data", "adult", "adult.data")}:7:{column}: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_with_a_field_missing_is_located()
    {
        using var bench = new Workbench();
        bench.WriteAdult(change: (i, line) => i == 3 ? line[..line.LastIndexOf(',')] : line);
        var line = Fails(bench, bench.Run(["train", "adult", .. Short]), 1, "14", "15");
        Assert.StartsWith($"{bench.Path("data", "adult", "adult.data")}:4", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_none_is_located()
    {
        using var bench = new Workbench();
        bench.WriteAdult(change: (i, line) => i == 2 ? "x" + line : line);
        var line = Fails(bench, bench.Run(["train", "adult", .. Short]), 1, "'x22'", "age");
        Assert.StartsWith($"{bench.Path("data", "adult", "adult.data")}:3:1: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_named()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        bench.Write("data/adult/adult.data", "");
        Fails(bench, bench.Run(["train", "adult", .. Short]), 1, bench.Path("data", "adult", "adult.data"), "empty");
    }

    [Fact]
    public void A_truncated_gzip_is_named()
    {
        using var bench = new Workbench();
        bench.WriteAdult(rows: 600);
        var path = bench.Path("data", "adult", "adult.data");
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        File.Delete(path);
        File.WriteAllBytes(path + ".gz", packed.ToArray()[..(int)(packed.Length / 2)]);
        Fails(bench, bench.Run(["train", "adult", .. Short]), 1, path + ".gz");
    }

    [Fact]
    public void An_unknown_dataset_is_answered_with_the_nearest()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(["train", "adlut", .. Short]), 2, "'adlut'", "'adult'");
    }

    [Fact]
    public void An_unknown_option_is_answered_with_the_nearest()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(["train", "adult", "--epoch", "3"]), 2, "'--epoch'", "'--epochs'");
    }

    [Fact]
    public void An_unknown_command_is_answered_with_the_nearest()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(["trian", "adult"]), 2, "'trian'", "'train'");
    }

    [Fact]
    public void Every_wrong_flag_is_reported_at_once()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "synthetic", "--epochs", "ten", "--batch-size", "0", "--learning-rate", "-1", "--model", "mmeo", "--set", "num_expert=3");
        Assert.Equal(2, outcome.Code);
        Assert.Collection(
            outcome.ErrorLines,
            line => Assert.Contains("mmeo", line, StringComparison.Ordinal),
            line => Assert.Contains("'ten'", line, StringComparison.Ordinal),
            line => Assert.Contains("--batch-size", line, StringComparison.Ordinal),
            line => Assert.Contains("--learning-rate", line, StringComparison.Ordinal),
            line => Assert.Contains("'num_experts'", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("train", "synthetic", "--distributed")]
    [InlineData("prepare", "adult")]
    [InlineData("data", "fetch", "adult")]
    [InlineData("data", "verify", "adult")]
    [InlineData("schema", "check", "adult")]
    [InlineData("predict", "x", "y", "-o", "z")]
    [InlineData("export", "x", "--to", "onnx", "-o", "z")]
    [InlineData("infer", "x", "y", "--out", "z")]
    [InlineData("compare", "adult", "--models", "a,b", "--seeds", "3")]
    [InlineData("serve", "x")]
    public void What_is_not_there_yet_says_so(params string[] args)
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run(args), 2, "not available yet");
    }

    [Theory]
    [InlineData("--exclude", "workclas", "'workclass'")]
    [InlineData("--exclude", "income", "label")]
    [InlineData("--weight-by", "age", "weight")]
    [InlineData("--set", "num_features=99", "100")]
    [InlineData("--set", "correlation=0.5", "drawn on the spot")]
    [InlineData("--device", "tpu", "cuda")]
    [InlineData("--set", "schedule=warmup", "available are constant, warmup-inverse-sqrt")]
    [InlineData("--set", "schedule=warmup-inverse-sqr", "'warmup-inverse-sqrt'")]
    [InlineData("--set", "warmup_epochs=-1", "0 to 1000000")]
    [InlineData("--units", "4,,8", "--units: element 2 of '4,,8' is empty; give whole numbers from 1 to 65536, separated by commas")]
    [InlineData("--seed", "99999999999", "--seed: 99999999999 is out of range; give a number from -2147483648 to 2147483647")]
    public void An_option_that_does_not_fit_the_dataset_is_refused(string option, string value, string says)
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run("train", "adult", option, value), 2, says);
    }

    [Theory]
    [InlineData("schedule=warmup-inverse-sqrt", "warmup_epochs=0")]
    [InlineData("warmup_epochs=0", "schedule=warmup-inverse-sqrt")]
    public void A_warm_up_without_epochs_is_refused_at_the_setting_that_was_given_last(string first, string last)
    {
        using var bench = new Workbench();
        var line = Fails(bench, bench.Run("train", "synthetic", "--set", first, "--set", last), 2, "at least 1", "it is 0");
        Assert.StartsWith($"--set {last}: ", line, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait("Native", "libtorch")]
    public void A_device_that_is_not_there_is_named_before_anything_is_written()
    {
        Skip.If(File.Exists("/dev/nvidia0"), "this machine has a GPU");
        using var bench = new Workbench();
        Fails(bench, bench.Run("train", "synthetic", "--device", "cuda", "--out", "run"), 3, "cuda");
    }

    [Fact]
    public void A_run_folder_that_is_not_empty_is_refused_and_left_alone()
    {
        using var bench = new Workbench();
        var note = bench.Write("run/note.txt", "mine");
        var outcome = bench.Run("train", "synthetic", "--out", "run");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("not empty", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.Equal([note], Directory.GetFileSystemEntries(bench.Path("run")));
    }

    [Fact]
    public void Evaluating_nothing_names_it()
    {
        using var bench = new Workbench();
        Fails(bench, bench.Run("evaluate", "nothing"), 2, "nothing");
    }

    [Fact]
    public void Evaluating_a_file_that_is_no_checkpoint_says_so()
    {
        using var bench = new Workbench();
        var file = bench.Write("x.safetensors", "hello");
        Fails(bench, bench.Run("evaluate", "x.safetensors"), 1, file);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void Evaluating_data_that_are_neither_a_file_nor_a_folder_names_the_path_once()
    {
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run("train", "synthetic", "--epochs", "1", "--set", "train_rows=100", "--out", "trained").Code);
        foreach (var split in (string[][])[[], ["--split", "test"]])
        {
            var line = Fails(bench, bench.Run(["evaluate", "trained", "--data", "rows.csv", .. split]), 1, "neither a file nor a folder");
            Assert.StartsWith($"{bench.Path("rows.csv")}: ", line, StringComparison.Ordinal);
        }

        Directory.CreateDirectory(bench.Path("rows.csv"));
        Assert.Equal(0, bench.Run("evaluate", "trained", "--data", "rows.csv").Code);
    }

    [Theory]
    [InlineData("--data", "train", "synthetic", "--data", "")]
    [InlineData("--data", "train", "synthetic", "--data=")]
    [InlineData("--data", "train", "synthetic", "--data:")]
    [InlineData("--data", "train", "synthetic", "--data=", "--out", "run")]
    [InlineData("--out", "train", "synthetic", "--out", "")]
    [InlineData("--out", "train", "synthetic", "--out", " ")]
    [InlineData("--model", "train", "synthetic", "--model", "")]
    [InlineData("--epochs", "train", "synthetic", "--epochs", "")]
    [InlineData("--exclude", "train", "synthetic", "--exclude", "")]
    [InlineData("--weight-by", "train", "synthetic", "--weight-by", "")]
    [InlineData("NAME", "train", "")]
    [InlineData("--data", "datasets", "--data", "")]
    [InlineData("NAME", "datasets", "")]
    [InlineData("--data", "evaluate", "x", "--data", "")]
    [InlineData("--split", "evaluate", "x", "--split", "")]
    [InlineData("RUN|CHECKPOINT", "evaluate", "")]
    [InlineData("--png", "inspect", "x", "--png", "")]
    [InlineData("--split", "inspect", "x", "--split=")]
    [InlineData("RUN|CHECKPOINT", "inspect", "")]
    public void An_empty_value_is_refused_and_does_not_mean_the_current_directory(string names, params string[] args)
    {
        using var bench = new Workbench();
        var line = Fails(bench, bench.Run(args), 2, "the value is empty");
        Assert.StartsWith($"{names}: ", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(bench.Folder));
    }

    [Fact]
    public void Empty_values_are_reported_together_with_other_faults_of_the_line()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "synthetic", "--epoch", "3", "--out", "", "--data=", "--set", "x");
        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            ["unknown option '--epoch'", "--out: the value is empty", "--data: the value is empty", "--set x: not of the form key=value"],
            outcome.ErrorLines.Select(line => line.Split(';')[0]));
    }

    private static string Fails(Workbench bench, Outcome outcome, int code, params string[] says)
    {
        Assert.Equal("", outcome.Out);
        var line = Assert.Single(outcome.ErrorLines);
        foreach (var text in says)
        {
            Assert.Contains(text, line, StringComparison.Ordinal);
        }

        Assert.Equal(code, outcome.Code);
        Assert.False(Directory.Exists(bench.Path("run")), "a run's folder was left behind");
        Assert.False(Directory.Exists(bench.Path("runs")), "a run's folder was left behind");
        return line;
    }
}
