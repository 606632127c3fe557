using System.Text.Json;
using System.Text.RegularExpressions;
using Mmoe.Model;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>Runs that go on from the command line.</summary>
[Trait("Native", "libtorch")]
public sealed partial class ResumeTests
{
    private static readonly string[] Started = ["train", "synthetic", "--epochs", "400", "--seed", "3", "--set", "train_rows=3000", "--set", "clip=global"];

    [Fact]
    public async Task Killed_again_and_again_at_any_moment_it_ends_with_the_bits_of_an_undisturbed_run()
    {
        const int Kills = 22;
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run([.. Started, "--out", "whole"]).Code);
        var random = new Random(20);
        var directory = new RunDirectory(bench.Path("run"));
        string[] command = [.. Started, "--out", "run", "--resume"];
        var (kills, whileTraining) = (0, 0);
        while (kills < Kills)
        {
            using var app = new AppProcess(bench, command);

            // One in four dies while it starts, the others at a random moment of the steps, evaluations and files that follow each other then.
            if (kills % 4 == 0)
            {
                Thread.Sleep(random.Next(1_000));
            }
            else
            {
                var seen = Written(directory);
                SpinWait.SpinUntil(() => Written(directory) != seen || app.HasEnded, TimeSpan.FromMinutes(1));
                Thread.Sleep(random.Next(250));
            }

            Assert.False(app.HasEnded, $"the run was done after {kills} kills");
            app.Kill();
            kills++;
            whileTraining += File.Exists(directory.Last) ? 1 : 0;
            Assert.True(
                !File.Exists(directory.Last) || Checkpoint.Load(directory.Last).IsSuccess, $"`last` could not be read after kill {kills}");
        }

        using var last = new AppProcess(bench, command);
        var outcome = await last.End();
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.True(whileTraining >= 15, $"only {whileTraining} kills found a checkpoint");
        Assert.Equal(Files(bench.Path("whole")), Files(bench.Path("run")));
    }

    [Fact]
    public void The_command_that_began_a_run_goes_on_with_it_and_says_from_where()
    {
        using var bench = new Workbench();
        var command = Small(2);
        var first = bench.Run(command);
        Assert.Equal(0, first.Code);
        Assert.Contains("run holds no checkpoint yet: this run starts at step 0", first.ErrorLines);
        var second = bench.Run(command);
        Assert.Equal(0, second.Code);
        Assert.Contains("the run in run is done after 2 epochs: it is evaluated again", second.ErrorLines);
        Assert.Equal(Timing().Replace(first.Out, ""), Timing().Replace(second.Out, ""));
        var longer = bench.Run(Small(3));
        Assert.Equal(0, longer.Code);
        Assert.Contains("this run goes on in run after 2 epochs", longer.ErrorLines);
    }

    [Fact]
    public void A_run_that_stops_early_says_so_and_is_done()
    {
        using var bench = new Workbench();
        var command = Small(9, "learning_rate=1e-30", "early_stopping=2");
        const string Said = "stopped early after 3 epochs of 9: no better score of 'average' for 2 epochs";
        var first = bench.Run(command);
        Assert.Equal((0, Said), (first.Code, first.ErrorLines[^1]));
        var second = bench.Run(command);
        Assert.Equal((0, Said), (second.Code, second.ErrorLines[^1]));
        Assert.Contains("the run in run is done after 3 epochs: it is evaluated again", second.ErrorLines);
        Assert.DoesNotContain("stopped early", bench.Run([.. Small(1)[..^3]]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.yaml", "config.yaml: is missing, without which the run cannot go on; put it back, or train in another folder\n")]
    [InlineData("metrics.jsonl", "metrics.jsonl: is missing, without which the run cannot go on; put it back, or train in another folder\n")]
    [InlineData(
        "checkpoints/best-y0.safetensors",
        "checkpoints/best-y0.safetensors: is missing, and the run has the parameters of its best epoch by 'y0' nowhere else; "
            + "put it back, or train in another folder\n")]
    public void What_a_run_cannot_go_on_without_is_missed_before_it_trains(string file, string said)
    {
        // A rate at which nothing improves: the first epoch stays the best.
        using var bench = new Workbench();
        var command = Small(2, "learning_rate=1e-30");
        Assert.Equal(0, bench.Run(command).Code);
        File.Delete(bench.Path("run", file));
        File.WriteAllText(bench.Path("run", ".lock"), ""); // As a process leaves it that was killed.
        var before = Files(bench.Path("run"));

        var outcome = bench.Run(Small(4, "learning_rate=1e-30"));

        Assert.Equal((1, $"{bench.Path("run")}/{said}"), (outcome.Code, outcome.Error));
        Assert.Equal(before, Files(bench.Path("run")));
    }

    [Theory]
    [InlineData("best-average", "best-y0", null)]
    [InlineData("epoch-0002", "best-y0", "holds epoch 2, and the best was 1")]
    [InlineData(null, "best-y0", "safetensors file cannot be read")]
    public void A_best_checkpoint_must_be_that_of_its_epoch(string? from, string to, string? fault)
    {
        using var bench = new Workbench();
        var command = Small(2, "learning_rate=1e-30");
        Assert.Equal(0, bench.Run(command).Code);
        string At(string name) => bench.Path("run", "checkpoints", $"{name}.safetensors");
        File.WriteAllBytes(At(to), from is null ? File.ReadAllBytes(At(to))[..1000] : File.ReadAllBytes(At(from)));

        var outcome = bench.Run(command);

        Assert.Equal(fault is null ? 0 : 1, outcome.Code);
        Assert.Contains(fault ?? "it is evaluated again", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("best-average", "start best-average epoch-0002 mine")]
    [InlineData("epoch-0002", "epoch-0002")]
    [InlineData(null, "start mine")]
    [InlineData(null, "")]
    public void A_run_without_its_last_state_is_not_written_over(string? checkpoint, string left)
    {
        using var bench = new Workbench();
        var command = Small(2);
        Assert.Equal(0, bench.Run(command).Code);
        string At(string name) => bench.Path("run", "checkpoints", $"{name}.safetensors");
        foreach (var name in (string[])["start", "mine"])
        {
            File.Copy(At("best-y0"), At(name));
        }

        foreach (var file in Directory.GetFiles(bench.Path("run", "checkpoints")))
        {
            if (!left.Split(' ').Contains(Path.GetFileNameWithoutExtension(file)))
            {
                File.Delete(file);
            }
        }

        var before = Files(bench.Path("run"));
        var outcome = bench.Run(command);
        if (checkpoint is null)
        {
            Assert.Contains("run holds no checkpoint yet: this run starts at step 0", outcome.ErrorLines);
            Assert.Equal(0, outcome.Code);
            return;
        }

        Assert.Equal(
            (1, $"{At("last")}: is missing, without which the run cannot go on; to begin anew would write over {checkpoint}.safetensors; "
                + "put it back, or train in another folder\n"),
            (outcome.Code, outcome.Error));
        Assert.Equal(before, Files(bench.Path("run")));
    }

    [Theory]
    [InlineData("--learning-rate 0.5", "--learning-rate: a run that goes on keeps its learning_rate, which is 0.001; leave it out: ")]
    [InlineData("--set units=8", "--set units=8: a run that goes on keeps its units, which is [4]; leave it out: ")]
    [InlineData("--exclude x1", "--exclude: a run that goes on keeps its exclude, which is []; leave it out: ")]
    [InlineData("--weight-by x1", "--weight-by: a run that goes on keeps its weight_by, which is not set; leave it out: ")]
    public void Only_epochs_engine_device_and_threads_may_change(string options, string message)
    {
        using var bench = new Workbench();
        Assert.Equal(0, bench.Run("train", "synthetic", "--epochs", "1", "--set", "train_rows=200", "--out", "run").Code);
        var refused = bench.Run(["train", "synthetic", "--out", "run", "--resume", .. options.Split(' ')]);
        Assert.Equal((2, $"{message}only epoch_size, engine, device, threads may change\n"), (refused.Code, refused.Error));
        var longer = bench.Run("train", "synthetic", "--out", "run", "--resume", "--epochs", "2", "--threads", "1", "--engine", "torch", "--seed", "5");
        Assert.True(longer.Code == 0, longer.Error);
        Assert.Equal(2, File.ReadLines(bench.Path("run", "metrics.jsonl")).Count());
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        Assert.Equal(
            """[{"engine":"fused","device":"cpu","epochs":1},{"engine":"torch","device":"cpu","epochs":1}]""",
            JsonSerializer.Serialize(summary.RootElement.GetProperty("engines")));
        Assert.Contains("epoch_size: 2\n", File.ReadAllText(bench.Path("run", "config.yaml")), StringComparison.Ordinal);
        Assert.Contains("train_rows: 200\n", File.ReadAllText(bench.Path("run", "config.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_loses_no_step()
    {
        using var bench = new Workbench();
        string[] command = ["train", "synthetic", "--epochs", "8", "--batch-size", "1", "--units", "64", "--set", "train_rows=3000", "--resume"];
        Assert.Equal(0, bench.Run([.. command, "--out", "whole"]).Code);
        var times = 0;
        for (var code = MmoeApp.Interrupted; code != 0; times++)
        {
            // A little more time each, whatever the machine's pace: it stops somewhere.
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(150 * (times + 1)));
            code = bench.Run(soon.Token, [.. command, "--out", "run"]).Code;
            Assert.Contains(code, new[] { 0, MmoeApp.Interrupted });
        }

        Assert.True(times > 1, "it was never interrupted");
        Assert.Equal(Files(bench.Path("whole")), Files(bench.Path("run")));
    }

    /// <summary>The command of a run that takes no time, in the folder <c>run</c>, which it goes on with.</summary>
    private static string[] Small(int epochs, params string[] settings) =>
    [
        "train", "synthetic", "--epochs", $"{epochs}", "--set", "train_rows=200", .. settings.SelectMany(setting => (string[])["--set", setting]),
        "--out", "run", "--resume",
    ];

    private static DateTime Written(RunDirectory directory) => File.GetLastWriteTimeUtc(directory.Last);

    /// <summary>All that a run leaves behind, but for how long it took; pictures show that too.</summary>
    private static (string Name, string Content)[] Files(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is not (".png" or ".lock"))
            .Select(file => (Name: Path.GetRelativePath(folder, file), Content: Content(file)))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    private static string Content(string file) => Path.GetExtension(file) is ".jsonl" or ".json" or ".yaml"
        ? Timing().Replace(File.ReadAllText(file), "")
        : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));

    [GeneratedRegex("\"(seconds|secondsPerEpoch|microsecondsPerStep|rowsPerSecond|peakMemoryBytes)\": *(\\[[^]]*\\]|[^,}\n]*)|[0-9]+ µs per step")]
    private static partial Regex Timing();
}
