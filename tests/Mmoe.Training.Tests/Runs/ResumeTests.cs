using System.Text.RegularExpressions;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Training.Tests.Runs;

/// <summary>A run that was stopped and goes on ends with the bits of one that never stopped, whatever it is made of.</summary>
[Trait("Native", "libtorch")]
public sealed partial class ResumeTests : IDisposable
{
    private const int Epochs = 3;
    private const int Rows = 140;

    // Of an epoch's 140 steps the engine tells after 64, 128 and the last, and then the epoch's report comes: so often a run can be stopped.
    private const int MomentsPerEpoch = 4;

    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-resume-").FullName;

    public static TheoryData<string> Settings =>
    [
        "",
        "optimizer=sgd schedule=plateau decay_epochs=1 decay_factor=0.5",
        "dropout=0.3 accumulate=3 clip=tensor",
        "dropout=0.3 clip=tensor engine=torch",
        "weighting=pcgrad threads=3 engine=torch",
        "weighting=pcgrad optimizer=adamw clip=global clip_norm=0.1",
        "weighting=uncertainty precision=float16 schedule=cosine",
        "save_checkpoint_epochs=2 keep_checkpoint_max=1 schedule=warmup-inverse-sqrt warmup_epochs=2",
        "save_checkpoint=false precision=bfloat16 schedule=step decay_epochs=2",
    ];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Stopped_anywhere_it_ends_with_the_same_bits(string settings)
    {
        var config = Config(settings);
        var whole = Assert.IsType<FinishedRun>(this.Run(config, "whole"));
        var expected = Files(whole.Directory);

        // At each moment of the run once, and at each of them in turn.
        for (var moment = 1; moment <= (Epochs * MomentsPerEpoch) + 1; moment++)
        {
            var (name, times) = ($"stopped-{moment}", 0);
            var stopsAlways = moment > Epochs * MomentsPerEpoch;
            while (this.Run(config, name, stopsAlways ? 1 : times == 0 ? moment : 0) is InterruptedRun)
            {
                times++;
            }

            Assert.InRange(times, 1, stopsAlways ? Epochs * MomentsPerEpoch : 1);
            Assert.Equal(expected, Files(new(Path.Combine(this.folder, name))));
            Directory.Delete(Path.Combine(this.folder, name), recursive: true);
        }
    }

    [Fact]
    public void Killed_between_any_two_files_it_ends_with_the_same_bits()
    {
        var config = Config("save_checkpoint_epochs=1 keep_checkpoint_max=2");
        var expected = Files(Assert.IsType<FinishedRun>(this.Run(config, "whole")).Directory);

        // What an epoch writes, in its order; a process that is killed leaves the beginning of it.
        var before = Snapshots(config, "before");
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            var (old, now) = (before[epoch - 1], before[epoch]);
            string[] order =
            [
                "metrics.jsonl", "checkpoints/last.safetensors", .. now.Keys.Where(name => name.Contains("best-", StringComparison.Ordinal)).Order(),
                $"checkpoints/epoch-{epoch:0000}.safetensors",
            ];
            for (var written = 0; written <= order.Length; written++)
            {
                var name = $"killed-{epoch}-{written}";
                var state = new Dictionary<string, byte[]>(old) { ["config.yaml"] = now["config.yaml"] };
                foreach (var file in order.Take(written).Where(now.ContainsKey))
                {
                    state[file] = now[file];
                }

                foreach (var (file, bytes) in state)
                {
                    var path = Path.Combine(this.folder, name, file);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.WriteAllBytes(path, bytes);
                }

                Assert.IsType<FinishedRun>(this.Run(config, name));
                Assert.Equal(expected, Files(new(Path.Combine(this.folder, name))));
                Directory.Delete(Path.Combine(this.folder, name), recursive: true);
            }
        }
    }

    [Fact]
    public void A_run_that_is_done_is_evaluated_again_and_ends_alike()
    {
        var config = Config("");
        var first = Assert.IsType<FinishedRun>(this.Run(config, "run"));
        var (files, test) = (Files(first.Directory), first.Summary.Test);
        var again = Assert.IsType<FinishedRun>(this.Run(config, "run"));
        Assert.Equal(files, Files(again.Directory));
        Assert.Equal(test, again.Summary.Test);
        Assert.Equal(first.Summary.Epochs.Select(e => e.Seconds), again.Summary.Epochs.Select(e => e.Seconds));
    }

    [Fact]
    public void More_epochs_can_be_asked_for_and_fewer_than_are_done_not()
    {
        var whole = Files(Assert.IsType<FinishedRun>(this.Run(Config(""), "whole")).Directory);
        Assert.IsType<FinishedRun>(this.Run(Config("epoch_size=2"), "run"));
        var longer = Assert.IsType<FinishedRun>(this.Run(Config(""), "run"));
        Assert.Equal(whole.Where(file => file.Name != "config.yaml"), Files(longer.Directory).Where(file => file.Name != "config.yaml"));
        var config = File.ReadAllText(longer.Directory.Config);
        var fault = this.Start(Config("epoch_size=2"), "run").AssertFault();
        Assert.Equal(config, File.ReadAllText(longer.Directory.Config));
        Assert.Equal("the run has begun epoch 3, and epoch_size is 2; give --epochs no less than it has done", fault.ToString());
    }

    [Fact]
    public void It_stops_early_at_the_same_epoch_whether_or_not_it_was_stopped_before()
    {
        // A rate at which nothing improves: the first epoch is the best, and two more show it.
        var config = Config("early_stopping=2 monitor=y1 learning_rate=1e-30 epoch_size=9");
        var whole = Assert.IsType<FinishedRun>(this.Run(config, "whole"));
        Assert.Equal(3, whole.Summary.Epochs.Count);
        Assert.IsType<InterruptedRun>(this.Run(config, "run", stopAt: 6));
        Assert.IsType<InterruptedRun>(this.Run(config, "run", stopAt: 6));
        this.Run(config, "run");

        Assert.Equal(Files(whole.Directory), Files(new(Path.Combine(this.folder, "run"))));
    }

    [Fact]
    public void Another_model_seed_or_data_is_refused_and_a_broken_file_named()
    {
        Assert.IsType<InterruptedRun>(this.Run(Config(""), "run", stopAt: 6));
        var directory = new RunDirectory(Path.Combine(this.folder, "run"));
        var saved = File.ReadAllText(directory.Config);
        string Refused(string settings, int? trainRows = null, int testRows = 20) =>
            this.Start(Config(settings), "run", 0, trainRows, testRows).AssertFault().ToString();
        Assert.Equal($"{directory.Last}: is of another model or seed than the run's config.yaml; train again", Refused("num_experts=3"));
        Assert.Equal($"{directory.Last}: is of another model or seed than the run's config.yaml; train again", Refused("seed=9"));
        Assert.Equal(
            $"{directory.Last}: the rows of the splits are not those that the run began with; name the run's data with --data, or train again",
            Refused("", trainRows: 139));
        Assert.Equal(
            $"{directory.Last}: the rows of the splits are not those that the run began with; name the run's data with --data, or train again",
            Refused("", testRows: 21));
        Assert.Equal(saved, File.ReadAllText(directory.Config));

        var metrics = File.ReadAllText(directory.Metrics);
        File.WriteAllText(directory.Metrics, metrics.Replace("\"epoch\":1", "\"epoch\":2", StringComparison.Ordinal));
        Assert.Equal($"{directory.Metrics}:1: is not what this version writes of epoch 1; train again", Refused(""));
        File.WriteAllText(directory.Metrics, "");
        Assert.Equal($"{directory.Metrics}: ends with epoch 0, and the run has done 1; train again", Refused(""));
        File.WriteAllText(directory.Metrics, metrics);

        var last = File.ReadAllBytes(directory.Last);
        File.WriteAllBytes(directory.Last, last[..^7]);
        Assert.StartsWith($"{directory.Last}: ", Refused(""), StringComparison.Ordinal);
        File.WriteAllBytes(directory.Last, last);
        Assert.IsType<FinishedRun>(this.Run(Config(""), "run"));
    }

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    private static TrainingConfig Config(string settings)
    {
        var config = TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu);
        config = config with { Parameters = config.Parameters with { EpochSize = Epochs, BatchSize = 1 } };
        return settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Aggregate(
            config, (c, pair) => Training.Settings.Set(c, pair[0], pair[1], pair[0]).AssertSuccess());
    }

    private RunEnd Run(TrainingConfig config, string name, int stopAt = 0) => this.Start(config, name, stopAt).AssertSuccess();

    /// <summary>Begins a run or goes on with it, up to the moment of a number, from 1; to its end if that is 0.</summary>
    private LanguageExt.Validation<Fault, RunEnd> Start(
        TrainingConfig config, string name, int stopAt = 0, int? trainRows = null, int testRows = 20)
    {
        using var cancellation = new CancellationTokenSource();
        var moment = 0;
        void Moment()
        {
            if (++moment == stopAt)
            {
                cancellation.Cancel();
            }
        }

        var source = (SyntheticSource)Synthetic.Descriptor.Source with
        {
            TrainRows = trainRows ?? Rows * config.Optimization.Accumulate,
            ValidationRows = 30,
            TestRows = testRows,
        };
        return Trainer.Run(
            Synthetic.Descriptor with { Source = source },
            config with { Source = source },
            RunPlace.Choose(Path.Combine(this.folder, name), Synthetic.Descriptor.Name, this.folder, resumes: true),
            descriptor => SplitLoader.Load(descriptor, new("")),
            new RunObserver(_ => { }, (_, _, _) => Moment(), _ => Moment(), cancellation.Token));
    }

    /// <summary>The files of a run before its first epoch and after each.</summary>
    private List<Dictionary<string, byte[]>> Snapshots(TrainingConfig config, string name)
    {
        var snapshots = new List<Dictionary<string, byte[]>> { new() };
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            this.Run(config, name, stopAt: MomentsPerEpoch);
            var path = Path.Combine(this.folder, name);
            snapshots.Add(Directory.GetFiles(path, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(path, file), File.ReadAllBytes));
        }

        return snapshots;
    }

    /// <summary>All that a run leaves behind, but for how long it took.</summary>
    private static (string Name, string Content)[] Files(RunDirectory directory) =>
    [
        .. Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(directory.Path, file), Content: Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
                Path.GetExtension(file) is ".jsonl" or ".json"
                    ? System.Text.Encoding.UTF8.GetBytes(Timing().Replace(File.ReadAllText(file), ""))
                    : File.ReadAllBytes(file)))))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    [GeneratedRegex("\"(seconds|secondsPerEpoch|microsecondsPerStep|rowsPerSecond|peakMemoryBytes)\": *(\\[[^]]*\\]|[^,}\n]*)")]
    private static partial Regex Timing();
}
