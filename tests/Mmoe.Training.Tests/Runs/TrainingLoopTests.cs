using System.Text.RegularExpressions;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using TorchSharp;

namespace Mmoe.Training.Tests.Runs;

[Trait("Native", "libtorch")]
public sealed partial class TrainingLoopTests : IDisposable
{
    private const int Steps = 5;

    private readonly string folder = Directory.CreateTempSubdirectory("mmoe-loop-").FullName;
    private readonly CancellationTokenSource cancellation = new();

    [Fact]
    public void A_run_that_goes_through_says_where_it_is()
    {
        var run = Assert.IsType<FinishedRun>(this.Run());
        Assert.Equal(Path.Combine(this.folder, "runs", "synthetic-1"), run.Directory.Path);
        Assert.Equal(RunSummaryJson.Text(run.Summary), File.ReadAllText(run.Directory.Summary));
        Assert.Equal(Path.Combine(this.folder, "runs", "synthetic-2"), Assert.IsType<FinishedRun>(this.Run()).Directory.Path);
    }

    [Fact]
    public void Cancelled_before_it_has_a_folder_it_writes_nothing()
    {
        this.cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => this.Run());
        Assert.Empty(Directory.GetFileSystemEntries(this.folder));
    }

    [Fact]
    public void Cancelled_after_the_first_epochs_steps_it_does_not_evaluate_and_has_those_steps()
    {
        var run = Assert.IsType<InterruptedRun>(this.Run(step: (epoch, done) => this.CancelIf(epoch == 1 && done == Steps)));
        Assert.Equal(new RunProgress(0, Steps), run.Done);
        Assert.Equal([run.Directory.Last], Directory.GetFileSystemEntries(run.Directory.Checkpoints));
        Assert.False(File.Exists(run.Directory.Metrics));
    }

    [Fact]
    public void Cancelled_before_the_first_step_it_has_a_folder_and_no_checkpoint()
    {
        var run = Assert.IsType<InterruptedRun>(this.Run(started: _ => this.cancellation.Cancel()));
        Assert.Null(run.Done);
        Assert.Empty(Directory.GetFileSystemEntries(run.Directory.Checkpoints));
    }

    [Fact]
    public void Cancelled_in_a_later_epoch_it_has_the_whole_ones_and_the_steps_after_them()
    {
        var run = Assert.IsType<InterruptedRun>(this.Run(step: (epoch, done) => this.CancelIf(epoch == 2 && done == Steps)));
        Assert.Equal(new RunProgress(1, Steps), run.Done);
        Assert.Equal(1, Checkpoint.Load(run.Directory.Last).AssertSuccess().Epoch);
        Assert.Single(File.ReadLines(run.Directory.Metrics));
    }

    [Fact]
    public void Cancelled_after_the_last_epoch_it_does_not_touch_the_test_split()
    {
        var run = Assert.IsType<InterruptedRun>(this.Run(epoch: report => this.CancelIf(report.Epoch == 3)));
        Assert.Equal(new RunProgress(3, 0), run.Done);
        Assert.Equal(3, Checkpoint.Load(run.Directory.Last).AssertSuccess().Epoch);
        Assert.False(File.Exists(run.Directory.Summary));
    }

    [Fact]
    public void Nothing_piles_up_from_epoch_to_epoch()
    {
        var tensors = new List<long>();
        this.Run(epoch: _ => tensors.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount), epochs: 12);
        Assert.Equal(12, tensors.Count);
        Assert.Single(tensors.Distinct());
    }

    [Fact]
    public void A_rate_falls_where_the_score_that_is_watched_does_not_improve()
    {
        // Steps so short that nothing changes: the first epoch is the best, and each after it one without a better score.
        var rates = new List<double>();
        this.Run(epoch: report => rates.Add(report.LearningRate), epochs: 4, schedule: ScheduleNames.Plateau, learningRate: 1e-30);
        Assert.Equal([1e-30, 1e-30, 1e-31, 1e-32], rates.Select(rate => Math.Round(rate * 1e35) / 1e35));
    }

    [Theory]
    [InlineData("metrics.jsonl", 0)]
    [InlineData("checkpoints/best-average.safetensors", 1)]
    [InlineData("checkpoints/epoch-0001.safetensors", 1)]
    public void Metrics_are_written_before_the_state_and_the_state_before_what_is_made_of_it(string inTheWay, int epochs)
    {
        RunDirectory? directory = null;
        var fault = this.TryRun(started: start =>
        {
            directory = start.Directory;
            Directory.CreateDirectory(Path.Combine(start.Directory.Path, inTheWay, "in the way"));
        }).AssertFault();
        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Equal(epochs == 1, File.Exists(directory!.Last));
        Assert.Equal(epochs == 1, File.Exists(directory.Metrics));
        Assert.EndsWith(epochs == 1 ? $"{directory.Last} holds the run after epoch 1" : "there is no checkpoint yet", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_said_of_an_epoch_on_the_train_split_is_what_its_checkpoint_does_there()
    {
        FittedModel? model = null;
        var run = Assert.IsType<FinishedRun>(this.Run(started: start => model = start.Model));
        var rows = model!.Rows(Splits(null).Train.Table).AssertSuccess();
        Assert.Equal(3, run.Summary.Epochs.Count);
        foreach (var epoch in run.Summary.Epochs)
        {
            var checkpoint = Checkpoint.Load(run.Directory.Epoch(epoch.Epoch)).AssertSuccess();
            var logits = new ManagedForward(checkpoint.Spec, checkpoint.Inputs).Logits(checkpoint.Parameters.AsSpan(), rows.Inputs);
            var expected = model.Evaluate(rows, logits).AssertSuccess();
            foreach (var (task, metrics) in expected.Tasks)
            {
                Assert.All(
                    metrics.Values.Zip(epoch.Train![task].Values), pair => Assert.Equal(pair.Item1.Value, pair.Item2.Value, 1e-4));
            }

            Assert.True(Math.Abs(epoch.Train!.Average.Value - epoch.Validation.Average.Value) > 1e-3, "it could be of either split");
        }

        Assert.Equal(run.Summary.Train, run.Summary.Epochs[run.Summary.BestEpoch - 1].Train);
    }

    [Theory]
    [InlineData("")]
    [InlineData("schedule=plateau decay_epochs=1 early_stopping=2")]
    [InlineData("dropout=0.3 weighting=uncertainty")]
    public void To_measure_epochs_on_the_train_split_changes_nothing_else(string settings)
    {
        FinishedRun Of(string flag) => Assert.IsType<FinishedRun>(this.Run(epochs: 6, settings: $"{settings} train_metrics={flag}"));
        var (with, without) = (Of("true"), Of("false"));
        Assert.All(with.Summary.Epochs, epoch => Assert.NotNull(epoch.Train));
        Assert.All(without.Summary.Epochs, epoch => Assert.Null(epoch.Train));
        Assert.DoesNotContain("\"train\"", File.ReadAllText(without.Directory.Metrics), StringComparison.Ordinal);
        Assert.Equal(Checkpoints(without), Checkpoints(with));
        Assert.Equal(
            without.Summary.Epochs.Select(epoch => epoch with { Seconds = 0 }),
            with.Summary.Epochs.Select(epoch => epoch with { Seconds = 0, Train = null }));
        Assert.Equal(without.Summary.Train, with.Summary.Train);
        Assert.Equal(Untimed(without), Untimed(with));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    public void Cancelled_while_it_evaluates_it_has_the_epochs_steps_and_ends_with_the_same_bits(int evaluation, int epochs)
    {
        // The first evaluation checks the splits; then each epoch has one of validation and one of train.
        var whole = Assert.IsType<FinishedRun>(this.Run(name: "whole"));
        var run = Assert.IsType<InterruptedRun>(this.Run(
            name: "run",
            create: (model, config) => Engines.Create(model, config).Map(IEngine (engine) => new CancellingEngine(engine, evaluation, this.cancellation))));
        Assert.Equal(new RunProgress(epochs, Steps), run.Done);
        Assert.Equal(epochs, File.Exists(run.Directory.Metrics) ? File.ReadLines(run.Directory.Metrics).Count() : 0);

        var rest = Assert.IsType<FinishedRun>(this.Run(name: "run", isCancellable: false));
        Assert.Equal(Checkpoints(whole), Checkpoints(rest));
        Assert.Equal(Untimed(whole), Untimed(rest));
        Assert.Equal(MetricsText(whole), MetricsText(rest));
    }

    [Fact]
    public void A_run_of_an_earlier_version_goes_on_without_what_it_did_not_measure()
    {
        var whole = Assert.IsType<FinishedRun>(this.Run(name: "run"));
        var text = File.ReadAllText(whole.Directory.Metrics);
        File.WriteAllText(whole.Directory.Metrics, TrainObject().Replace(text, ""));
        Assert.DoesNotContain("\"train\"", File.ReadAllText(whole.Directory.Metrics), StringComparison.Ordinal);
        var longer = Assert.IsType<FinishedRun>(this.Run(name: "run", epochs: 5));
        Assert.Equal([true, true, true, false, false], longer.Summary.Epochs.Select(epoch => epoch.Train is null));
        Assert.Equal([false, false, false, true, true], File.ReadLines(longer.Directory.Metrics).Select(line => TrainObject().IsMatch(line)));
    }

    [Fact]
    public void Metrics_are_read_as_they_were_written()
    {
        var run = Assert.IsType<FinishedRun>(this.Run());
        var text = File.ReadAllText(run.Directory.Metrics);
        var tasks = Synthetic.Descriptor.Tasks;
        var read = RunFiles.ReadMetrics(run.Directory, tasks, 3).AssertSuccess();
        Assert.All(run.Summary.Epochs.Zip(read), pair => Assert.Equal(pair.Item1.Train!.ToJson(), pair.Item2.Train!.ToJson()));
        RunFiles.WriteMetrics(run.Directory, read).AssertSuccess();
        Assert.Equal(text, File.ReadAllText(run.Directory.Metrics));

        File.WriteAllText(run.Directory.Metrics, text.Replace("\"train\":{\"y0\"", "\"train\":{\"y7\"", StringComparison.Ordinal));
        Assert.StartsWith($"{run.Directory.Metrics}:1: ", RunFiles.ReadMetrics(run.Directory, tasks, 1).AssertFault().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rate_of_an_epoch_is_that_of_its_last_step()
    {
        var rates = new List<double>();
        this.Run(epoch: report => rates.Add(report.LearningRate), epochs: 8, schedule: ScheduleNames.WarmupInverseSqrt);

        // Two epochs of five steps rise to 0.01; from then on 0.01·√(10/s).
        double[] expected = [0.005, 0.01, 0.01 * Math.Sqrt(10 / 15.0), 0.01 * Math.Sqrt(0.5), 0.01 * Math.Sqrt(0.4)];
        Assert.All(expected.Zip(rates), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-15));
        Assert.Equal(0.005, rates[7], 1e-15);
    }

    [Fact]
    public void An_excluded_column_without_values_is_no_hindrance_up_to_the_checkpoint()
    {
        var run = Assert.IsType<FinishedRun>(this.Run(exclude: "x1"));
        var checkpoint = Checkpoint.Load(run.Directory.Best(Best.Average)).AssertSuccess();
        Assert.Equal(99, checkpoint.Inputs.Numerics.Count);
        Assert.DoesNotContain("x1", checkpoint.Inputs.Numerics.Select(n => n.Column));
    }

    public void Dispose()
    {
        this.cancellation.Dispose();
        Directory.Delete(this.folder, recursive: true);
    }

    private void CancelIf(bool condition)
    {
        if (condition)
        {
            this.cancellation.Cancel();
        }
    }

    /// <summary>Three epochs of five steps; a column that is excluded is also without values in all rows.</summary>
    private RunEnd Run(
        Action<int, int>? step = null,
        Action<EpochReport>? epoch = null,
        string? exclude = null,
        Action<RunStart>? started = null,
        int epochs = 3,
        string schedule = ScheduleNames.Constant,
        double learningRate = 0.01,
        string settings = "",
        string? name = null,
        bool isCancellable = true,
        Func<FittedModel, TrainingConfig, Validation<Fault, IEngine>>? create = null) =>
        this.TryRun(step, epoch, exclude, started, epochs, schedule, learningRate, settings, name, isCancellable, create).AssertSuccess();

    private Validation<Fault, RunEnd> TryRun(
        Action<int, int>? step = null,
        Action<EpochReport>? epoch = null,
        string? exclude = null,
        Action<RunStart>? started = null,
        int epochs = 3,
        string schedule = ScheduleNames.Constant,
        double learningRate = 0.01,
        string settings = "",
        string? name = null,
        bool isCancellable = true,
        Func<FittedModel, TrainingConfig, Validation<Fault, IEngine>>? create = null)
    {
        var defaults = TrainingConfig.DefaultsOf(Dataset, DeviceNames.Cpu);
        var config = defaults with
        {
            Parameters = defaults.Parameters with { EpochSize = epochs, BatchSize = 40 / Steps, LearningRate = learningRate, WarmupEpochs = 2 },
            Schedule = schedule,
            Optimization = schedule == ScheduleNames.Plateau ? new() { DecayEpochs = 1 } : OptimizationOptions.Default,
            Exclude = exclude is null ? default : new([exclude]),
        };
        config = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Aggregate(
            config, (c, pair) => Settings.Set(c, pair[0], pair[1], pair[0]).AssertSuccess());
        var observer = new RunObserver(
            start => started?.Invoke(start),
            (e, done, _) => step?.Invoke(e, done),
            report => epoch?.Invoke(report),
            isCancellable ? this.cancellation.Token : CancellationToken.None);
        var place = RunPlace.Choose(name is null ? null : Path.Combine(this.folder, name), Dataset.Name, this.folder, resumes: name is not null)
            .AssertSuccess();
        return TrainingLoop.Run(
            ModelPlan.Of(Dataset, config).AssertSuccess(), config, Splits(exclude), place, observer, create ?? Engines.Create);
    }

    private static DatasetDescriptor Dataset { get; } = Synthetic.Descriptor with
    {
        Source = (SyntheticSource)Synthetic.Descriptor.Source with { TrainRows = 40, ValidationRows = 30, TestRows = 20 },
    };

    private static DatasetSplits Splits(string? exclude)
    {
        var drawn = SplitLoader.Load(Dataset, new("")).AssertSuccess();
        return new(
            new(Without(exclude, drawn.Train.Table)),
            new(Without(exclude, drawn.Validation.Table)),
            new(Without(exclude, drawn.Test.Table)));
    }

    private static (string Name, string Content)[] Checkpoints(RunEnd run) =>
    [
        .. Directory.GetFiles(run.Directory.Checkpoints)
            .Select(file => (Path.GetFileName(file), Convert.ToHexString(File.ReadAllBytes(file))))
            .OrderBy(file => file.Item1, StringComparer.Ordinal),
    ];

    private static string Untimed(RunEnd run) => Timing().Replace(File.ReadAllText(run.Directory.Summary), "");

    private static string MetricsText(RunEnd run) => Timing().Replace(File.ReadAllText(run.Directory.Metrics), "");

    [GeneratedRegex("\"(seconds|secondsPerEpoch|microsecondsPerStep|rowsPerSecond|peakMemoryBytes)\": *(\\[[^]]*\\]|[^,}\n]*)")]
    private static partial Regex Timing();

    [GeneratedRegex("\"train\":\\{.*?\\},(?=\"validation\")")]
    private static partial Regex TrainObject();

    private static EncodedTable Without(string? column, EncodedTable table)
    {
        var names = table.Descriptor.Numerics.Select(n => n.Name).ToArray();
        var numerics = table.Numerics.ToArray().Select((value, i) => names[i % names.Length] == column ? float.NaN : value).ToArray();
        return new(table.Descriptor, table.Rows, table.Codes, numerics, table.Labels, table.Weights);
    }

    /// <summary>An engine in whose n-th evaluation cancellation is asked for.</summary>
    private sealed class CancellingEngine(IEngine engine, int evaluation, CancellationTokenSource source) : IEngine
    {
        private int evaluations;

        public string Name => engine.Name;

        public string Device => engine.Device;

        public void LoadTrain(ModelInputs train) => engine.LoadTrain(train);

        public Validation<Fault, TrainedSteps> TrainEpoch(
            EpochWork work, Func<long, double> learningRate, Action<int> progress, CancellationToken cancellation) =>
            engine.TrainEpoch(work, learningRate, progress, cancellation);

        public float[] Logits(ModelInputs inputs, CancellationToken cancellation = default)
        {
            if (++this.evaluations == evaluation)
            {
                source.Cancel();
            }

            return engine.Logits(inputs, cancellation);
        }

        public float[] Parameters() => engine.Parameters();

        public void Load(ReadOnlySpan<float> parameters) => engine.Load(parameters);

        public OptimizerState Optimizer() => engine.Optimizer();

        public void Load(OptimizerState state) => engine.Load(state);

        public void Dispose() => engine.Dispose();
    }
}
