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
        from place in Success<Fault, Validation<Fault, RunPlace>>(
            RunPlace.Choose(command.Out, dataset.Descriptor.Name, host.CurrentDirectory, command.Resume))
        from config in Configure(dataset.Descriptor, families, command, place, host)
        let board = new TensorBoardLog(command.TensorBoard, host.Clock)
        from end in Train(dataset.Descriptor, config, command, place, board, host)
        let code = Show(end, command, host)
        from left in (RunPictures.Draw(end), board.End(end)).Apply((_, _) => unit)
        select code;

    /// <summary>
    /// The effective configuration: the schema's defaults for the device, then the file, then the command line, every fault of them together;
    /// that of the run, where one goes on.
    /// </summary>
    private static Validation<Fault, TrainingConfig> Configure(
        DatasetDescriptor dataset, ModelFamilyRegistry families, TrainCommand command, Validation<Fault, RunPlace> place, MmoeHost host)
    {
        var overrides = command.Overrides.Map(o => o.Entry);
        var file = command.Config is { } path
            ? ConfigFile.Read(Path.GetFullPath(path, host.CurrentDirectory), path)
            : Success<Fault, Seq<ConfigEntry>>(Empty);
        var entries = file.IfFail(_ => Empty) + overrides;
        var effective = place.MatchUnsafe(chosen => chosen as ResumedRunPlace, _ => null) is { } resumed
            ? ConfigLayers.Resumed(dataset, families, resumed.Directory, entries)
            : ConfigLayers.Effective(dataset, families, entries);
        return (file, effective).Apply((_, config) => config)
            .Bind(config => CheckSchedule(config, entries));
    }

    // Which of the two keys is wrong is the user's to say; the fault stands at the one that was set last.
    private static Validation<Fault, TrainingConfig> CheckSchedule(TrainingConfig config, Seq<ConfigEntry> entries) =>
        Schedules.Of(config).Map(_ => config).MapFail(fault => entries
            .Filter(o => o.Key is "schedule" or "warmup_epochs")
            .LastOrNone()
            .Match(Some: o => fault with { What = $"{o.Source}: {fault.What}", Where = o.At }, None: () => fault));

    private static Validation<Fault, RunEnd> Train(
        DatasetDescriptor dataset,
        TrainingConfig config,
        TrainCommand command,
        Validation<Fault, RunPlace> place,
        TensorBoardLog board,
        MmoeHost host)
    {
        var progress = new EpochProgress(host, dataset, config);
        var observer = board.Watching(new RunObserver(progress.Started, progress.Step, progress.Epoch, host.Interrupted));
        return progress.During(() => Trainer.Run(
            dataset, config, place, descriptor => host.LoadSplits(descriptor, command.Data, config.WeightBy), observer));
    }

    private static int Show(RunEnd end, TrainCommand command, MmoeHost host) => end switch
    {
        FinishedRun run => Show(run, command, host),
        InterruptedRun run => Show(run, host),
        _ => throw new UnreachableException($"no run ends as {end.GetType().Name}"),
    };

    private static int Show(InterruptedRun run, MmoeHost host)
    {
        host.Error.WriteLine(run.Done is { } done
            ? $"interrupted; {host.Shown(run.Directory.Last)} holds the run after {Describe(done)}: go on with --resume"
            : $"interrupted before the first step was done; {host.Shown(run.Directory.Path)} holds no checkpoint");
        return MmoeApp.Interrupted;
    }

    internal static string Describe(RunProgress done) =>
        $"{Counted.Of(done.Epochs, "epoch")}{(done.Steps > 0 ? $" and {Counted.Of(done.Steps, "step")}" : "")}";

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
