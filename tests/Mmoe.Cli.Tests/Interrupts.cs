using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Mmoe.Cli.Tests;

/// <summary>Ctrl-C, and a request to terminate, end every command at any moment with 130 and a message that is true.</summary>
public sealed class Interrupts
{
    private const string NothingWritten = "interrupted; nothing was written";

    [SkippableTheory]
    [Trait("Native", "libtorch")]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task A_signal_ends_a_training_process_after_the_step_under_way(PosixSignal signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no kill");
        using var bench = new Workbench();
        using var app = new AppProcess(bench, "train", "synthetic", "--epochs", "100000", "--set", "train_rows=1000");
        app.WaitFor(bench.Path("runs", "synthetic-1", "metrics.jsonl"));
        app.Send(signal);
        var outcome = await app.End();
        Assert.True(outcome.Code == MmoeApp.Interrupted, $"exit code {outcome.Code}: {outcome.Error}");
        var last = Path.Combine("runs", "synthetic-1", "checkpoints", "last.safetensors");
        Assert.Matches(
            $@"^interrupted; {Regex.Escape(last)} holds the run after \d+ epochs?( and \d+ steps?)?: go on with --resume$", outcome.ErrorLines[^1]);
        Assert.Equal(0, bench.Run("evaluate", last).Code);
        Assert.Empty(Directory.GetFiles(bench.Path("runs", "synthetic-1"), "*.tmp", SearchOption.AllDirectories));
    }

    [SkippableFact]
    [Trait("Native", "libtorch")]
    public async Task A_signal_within_the_first_epoch_loses_no_step()
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no kill");
        using var bench = new Workbench();

        // One epoch of 50,000 steps of a wide model: longer than all else here, were nobody to stop it.
        using var app = new AppProcess(
            bench, "train", "synthetic", "--epochs", "1", "--batch-size", "1", "--units", "1024", "--set", "train_rows=50000");
        app.WaitFor(bench.Path("runs", "synthetic-1", "config.yaml"));
        app.Send(PosixSignal.SIGINT);
        var outcome = await app.End();
        Assert.True(outcome.Code == MmoeApp.Interrupted, $"exit code {outcome.Code}: {outcome.Error}");
        var folder = Path.Combine("runs", "synthetic-1");
        var last = Path.Combine(folder, "checkpoints", "last.safetensors");

        // The signal may come before the first step.
        Assert.Matches(
            File.Exists(bench.Path(last))
                ? $@"^interrupted; {Regex.Escape(last)} holds the run after 0 epochs and \d+ steps?: go on with --resume$"
                : $"^interrupted before the first step was done; {Regex.Escape(folder)} holds no checkpoint$",
            outcome.ErrorLines[^1]);
        Assert.False(File.Exists(bench.Path(folder, "metrics.jsonl")));
    }

    [Theory]
    [InlineData("train", "adult")]
    [InlineData("train", "synthetic")]
    [InlineData("datasets")]
    [InlineData("datasets", "--json")]
    public void An_interrupt_while_data_are_looked_for_or_loaded_ends_the_command(params string[] args)
    {
        using var interrupt = new CancellationTokenSource();
        using var bench = new Workbench { Asked = interrupt.Cancel };

        // Were the file read, its first line would be a fault.
        bench.WriteAdult(change: (_, line) => "x" + line);
        IsInterrupted(bench, bench.Run(interrupt.Token, args));
    }

    [Fact]
    public void Showing_a_dataset_heeds_an_interrupt()
    {
        using var bench = new Workbench();
        IsInterrupted(bench, bench.Run(new CancellationToken(canceled: true), "datasets", "adult"));
    }

    [Theory]
    [Trait("Native", "libtorch")]
    [InlineData]
    [InlineData("--data", "elsewhere.csv")]
    public void An_interrupt_while_rows_are_evaluated_ends_the_command(params string[] data)
    {
        using var interrupt = new CancellationTokenSource();
        using var bench = new Workbench();
        bench.WriteAdult();
        bench.Write("elsewhere.csv", File.ReadAllText(bench.Path("data", "adult", "adult.data")));
        Assert.Equal(0, bench.Run("train", "adult", "--epochs", "1", "--out", "trained").Code);
        Assert.Equal(0, bench.Run(["evaluate", "trained", .. data]).Code);

        interrupt.Cancel();
        IsInterrupted(bench, bench.Run(interrupt.Token, ["evaluate", "trained", .. data]));
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void An_interrupt_within_the_forward_pass_of_an_evaluation_ends_the_command()
    {
        // A model so wide that the pass takes many times as long as it takes to draw the rows and to be interrupted.
        using var bench = new Workbench();
        string[] wide = ["--units", "2048", "--epochs", "1", "--batch-size", "100", "--set", "train_rows=100", "--set", "test_rows=10000"];
        var trained = bench.Run(["train", "synthetic", .. wide, "--out", "trained"]);
        Assert.True(trained.Code == 0, trained.Error);

        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        IsInterrupted(bench, bench.Run(soon.Token, "evaluate", "trained"));
    }

    private static void IsInterrupted(Workbench bench, Outcome outcome)
    {
        Assert.Equal((MmoeApp.Interrupted, "", NothingWritten), (outcome.Code, outcome.Out, Assert.Single(outcome.ErrorLines)));
        Assert.False(Directory.Exists(bench.Path("runs")), "a run's folder was left behind");
    }
}
