using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;

namespace Mmoe.Training.Tests.Runs;

[Trait("Native", "libtorch")]
public sealed class TrainingLoopTests : IDisposable
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
        var (tensors, bytes) = (new List<long>(), new List<long>());
        this.Run(
            epoch: _ =>
            {
                tensors.Add(TorchSharp.torch.Tensor.TotalCount);
                bytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            },
            epochs: 30);
        Assert.Equal(30, tensors.Count);
        Assert.Single(tensors.Skip(1).Distinct());

        // An epoch's report is kept, which is some hundred numbers; its parameters and moments, 100 kB here, are not.
        Assert.InRange((bytes[^1] - bytes[4]) / 25, long.MinValue, 30_000);
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
        string schedule = ScheduleNames.Constant)
    {
        var source = (SyntheticSource)Synthetic.Descriptor.Source with { TrainRows = 40, ValidationRows = 30, TestRows = 20 };
        var dataset = Synthetic.Descriptor with { Source = source };
        var defaults = TrainingConfig.DefaultsOf(dataset, DeviceNames.Cpu);
        var config = defaults with
        {
            Parameters = defaults.Parameters with { EpochSize = epochs, BatchSize = 40 / Steps, LearningRate = 0.01, WarmupEpochs = 2 },
            Schedule = schedule,
            Exclude = exclude is null ? default : new([exclude]),
        };
        var drawn = SplitLoader.Load(dataset, new("")).AssertSuccess();
        var splits = new DatasetSplits(
            new(Without(exclude, drawn.Train.Table)),
            new(Without(exclude, drawn.Validation.Table)),
            new(Without(exclude, drawn.Test.Table)));
        var observer = new RunObserver(
            start => started?.Invoke(start), (e, done, _) => step?.Invoke(e, done), report => epoch?.Invoke(report), this.cancellation.Token);
        var place = RunPlace.Choose(null, dataset.Name, this.folder).AssertSuccess();
        return TrainingLoop.Run(ModelPlan.Of(dataset, config).AssertSuccess(), config, splits, place, observer).AssertSuccess();
    }

    private static EncodedTable Without(string? column, EncodedTable table)
    {
        var names = table.Descriptor.Numerics.Select(n => n.Name).ToArray();
        var numerics = table.Numerics.ToArray().Select((value, i) => names[i % names.Length] == column ? float.NaN : value).ToArray();
        return new(table.Descriptor, table.Rows, table.Codes, numerics, table.Labels, table.Weights);
    }
}
