using System.Diagnostics;
using System.Globalization;
using LanguageExt;
using Mmoe.Cli.TensorBoard;
using Mmoe.Data;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe train NAME</c>.</summary>
internal static class TrainInterpreter
{
    public static Validation<Fault, int> Run(
        TrainCommand command, DatasetRegistry datasets, ModelFamilyRegistry families, MmoeHost host) =>
        from dataset in datasets.Find(command.Dataset)
        from config in Configure(dataset.Descriptor, families, command.Overrides)
        let descriptor = dataset.Descriptor with { Source = config.Source }
        from checkedUp in (ModelPlan.Of(descriptor, config), RunPlace.Choose(command.Out, descriptor.Name, host.CurrentDirectory))
            .Apply((plan, place) => (Plan: plan, Place: place))
        from splits in host.LoadSplits(descriptor, command.Data)
        let board = new TensorBoardLog(command.TensorBoard, host.Clock)
        from end in Train(checkedUp.Plan, config, splits, checkedUp.Place, board, host)
        let code = Show(end, command, host)
        from left in (RunPictures.Draw(end), board.End(end)).Apply((_, _) => unit)
        select code;

    /// <summary>The effective configuration: the schema's defaults for the device, then the command line, every fault of it together.</summary>
    private static Validation<Fault, TrainingConfig> Configure(
        DatasetDescriptor dataset, ModelFamilyRegistry families, Seq<Override> overrides)
    {
        var device = overrides.Filter(o => o.Key == "device" && DeviceNames.IsWellFormed(o.Text)).Map(o => o.Text).LastOrNone().IfNone(DeviceNames.Cpu);
        return overrides.Fold(
            (Config: TrainingConfig.DefaultsOf(dataset, device) with { Families = families }, Faults: Seq<Fault>()),
            (state, o) => Settings.Set(state.Config, o.Key, o.Text, o.Source).Match(
                Succ: config => (config, state.Faults),
                Fail: faults => (state.Config, state.Faults + faults)))
            .Apply(state => state.Faults.IsEmpty ? CheckSchedule(state.Config, overrides) : Fail<Fault, TrainingConfig>(state.Faults));
    }

    // Which of the two keys is wrong is the user's to say; the fault stands at the one that was set last.
    private static Validation<Fault, TrainingConfig> CheckSchedule(TrainingConfig config, Seq<Override> overrides) =>
        Schedules.Of(config).Map(_ => config).MapFail(fault => overrides
            .Filter(o => o.Key is "schedule" or "warmup_epochs")
            .LastOrNone()
            .Match(Some: o => fault with { What = $"{o.Source}: {fault.What}" }, None: () => fault));

    private static Validation<Fault, RunEnd> Train(
        ModelPlan plan, TrainingConfig config, DatasetSplits splits, RunPlace place, TensorBoardLog board, MmoeHost host)
    {
        var progress = new EpochProgress(host, plan.Dataset, config, splits.Train.Table.Rows);
        var observer = board.Watching(new RunObserver(progress.Started, progress.Step, progress.Epoch, host.Interrupted));
        return progress.During(() => TrainingLoop.Run(plan, config, splits, place, observer));
    }

    private static int Show(RunEnd end, TrainCommand command, MmoeHost host) => end switch
    {
        FinishedRun run => Show(run, command, host),
        InterruptedRun run => Show(run, host),
        _ => throw new UnreachableException($"no run ends as {end.GetType().Name}"),
    };

    private static int Show(InterruptedRun run, MmoeHost host)
    {
        host.Error.WriteLine(run.HasCheckpoint
            ? $"interrupted; {host.Shown(run.Directory.Last)} holds the last whole epoch"
            : $"interrupted before the first epoch was done; {host.Shown(run.Directory.Path)} holds no checkpoint");
        return MmoeApp.Interrupted;
    }

    private static int Show(FinishedRun run, TrainCommand command, MmoeHost host)
    {
        var summary = run.Summary;
        if (command.Json)
        {
            host.Out.WriteLine(RunSummaryJson.Text(summary));
            return 0;
        }

        host.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Config.Dataset}: {summary.Config.Model}, {Counted.Of(summary.Parameters, "parameter")}, "
                + $"{Counted.Of(summary.Epochs.Count, "epoch")}, best epoch {summary.BestEpoch}, "
                + $"{summary.MicrosecondsPerStep:0} µs per step"));
        MetricsTable.Write(host.Out, ("train", summary.Train), ("validation", summary.Validation), ("test", summary.Test));
        host.Out.WriteLine($"run: {host.Shown(run.Directory.Path)}");
        return 0;
    }
}
