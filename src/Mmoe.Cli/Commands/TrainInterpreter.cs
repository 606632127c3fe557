using System.Diagnostics;
using System.Globalization;
using LanguageExt;
using Mmoe.Cli.TensorBoard;
using Mmoe.Data;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary><c>mmoe train NAME</c>, and <c>mmoe fine-tune CHECKPOINT NAME</c>, which is the same with one key more.</summary>
internal static class TrainInterpreter
{
    // Results are shown whatever becomes of the pictures, and pictures drawn whatever becomes of standard output.
    public static Validation<Fault, int> Run(
        TrainCommand command, DatasetRegistry datasets, ModelFamilyRegistry families, MmoeHost host) =>
        from dataset in datasets.Find(command.Dataset)
        let place = RunPlace.Choose(command.Out, dataset.Descriptor.Name, host.CurrentDirectory, command.Resume)
        from configured in Configure(dataset.Descriptor, families, command, place, host)
        let board = new TensorBoardLog(command.TensorBoard, host.Clock)
        from end in Train(dataset.Descriptor, configured.Config, command, place, board, host)
            .MapFail(fault => ConfigLayers.Placed(fault, configured.Entries))
        let left = (RunPictures.Draw(end), board.End(end)).Apply((_, _) => unit)
        let code = Show(end, command, host)
        from drawn in left
        select code;

    /// <summary>
    /// The effective configuration: the schema's defaults for the device, then the checkpoint, if one is trained on, then the file, then the
    /// command line, every fault of them together; that of the run, where one goes on.
    /// </summary>
    private static Validation<Fault, (TrainingConfig Config, Seq<ConfigEntry> Entries)> Configure(
        DatasetDescriptor dataset, ModelFamilyRegistry families, TrainCommand command, Validation<Fault, RunPlace> place, MmoeHost host)
    {
        var overrides = command.Overrides.Map(o => o.Entry);
        var file = command.Config is { } path
            ? ConfigFile.Read(Path.GetFullPath(path, host.CurrentDirectory), path)
            : Success<Fault, Seq<ConfigEntry>>(Empty);
        var resumed = place.MatchUnsafe(chosen => chosen as ResumedRunPlace, _ => null);
        var start = Start(command, resumed is not null, host);
        var entries = ((file.IfFail(_ => Empty) + overrides).Map(entry => Whole(entry, host)) + start.IfFail(_ => Empty)).Strict();
        var layer = resumed is null ? OfCheckpoint(dataset, entries) : Success<Fault, Seq<ConfigEntry>>(Empty);
        var effective = resumed is not null
            ? ConfigLayers.Resumed(dataset, families, resumed.Directory, entries)
            : ConfigLayers.Effective(dataset, families, layer.IfFail(_ => Empty) + entries);
        return (file, start, layer, effective).Apply((_, _, _, config) => config)
            .Bind(config => CheckSchedule(config, entries))
            .Map(config => (Config: config, Entries: entries));
    }

    // The checkpoint that the command names. A run that goes on has what it needs, and only compares names.
    private static Validation<Fault, Seq<ConfigEntry>> Start(TrainCommand command, bool isResumed, MmoeHost host) => command.Checkpoint is not { } target
        ? Success<Fault, Seq<ConfigEntry>>(Empty)
        : (isResumed ? Success<Fault, string>(WholePath(target, host)) : TrainedModel.Locate(target, host))
            .Map(path => Seq1(new ConfigEntry("checkpoint", Success<Fault, string>(path), "CHECKPOINT")));

    // A configuration is saved and read again elsewhere, so that it names the whole path.
    private static ConfigEntry Whole(ConfigEntry entry, MmoeHost host) => entry.Key == "checkpoint"
        ? entry with { Text = entry.Text.Map(text => string.IsNullOrWhiteSpace(text) ? text : WholePath(text, host)) }
        : entry;

    private static string WholePath(string target, MmoeHost host)
    {
        var path = Path.GetFullPath(target, host.CurrentDirectory);
        return File.Exists(path) || path.EndsWith(".safetensors", StringComparison.Ordinal) ? path : new RunDirectory(path).Best(Best.Average);
    }

    private static Validation<Fault, Seq<ConfigEntry>> OfCheckpoint(DatasetDescriptor dataset, Seq<ConfigEntry> entries) => entries
        .Filter(entry => entry.Key == "checkpoint")
        .LastOrNone()
        .Bind(entry => entry.Text.ToOption().Filter(path => path.Length > 0).Map(path => ConfigLayers.OfCheckpoint(dataset, path, entry.Source)))
        .IfNone(Success<Fault, Seq<ConfigEntry>>(Empty));

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
        if (summary.Epochs.Count < summary.Config.Parameters.EpochSize)
        {
            host.Error.WriteLine(
                $"stopped early after {Counted.Of(summary.Epochs.Count, "epoch")} of {summary.Config.Parameters.EpochSize}: no better score of "
                + $"'{summary.Config.Optimization.Monitor ?? Best.Average}' for {Counted.Of(summary.Config.Optimization.EarlyStopping, "epoch")}");
        }

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
