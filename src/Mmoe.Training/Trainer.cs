using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>From a dataset and a configuration to a finished run in one call; what <c>mmoe train</c> does, for a program.</summary>
public static class Trainer
{
    /// <summary>Trains, chooses the epoch that is best on validation, and evaluates it on the test split.</summary>
    /// <param name="dataset">The dataset, such as <c>Synthetic.Descriptor</c>.</param>
    /// <param name="config">What to train; <see cref="TrainingConfig.DefaultsOf"/> gives what the schema says.</param>
    /// <param name="folder">The run's folder, which is made, and must be empty if it is there.</param>
    /// <param name="data">The folder of the dataset's files; null to look where <c>mmoe train</c> looks.</param>
    /// <param name="epoch">Told of each epoch.</param>
    /// <param name="cancellation">Ends the run after the step, or the rows, under way.</param>
    /// <returns>The summary, as in the folder's <c>summary.json</c>; or every fault that was found.</returns>
    /// <exception cref="OperationCanceledException">
    /// Cancellation was asked for; the folder has the last whole epoch, if there was one.
    /// </exception>
    public static Validation<Fault, RunSummary> Train(
        DatasetDescriptor dataset,
        TrainingConfig config,
        string folder,
        string? data = null,
        Action<EpochReport>? epoch = null,
        CancellationToken cancellation = default)
    {
        var observer = new RunObserver(_ => { }, (_, _, _) => { }, epoch ?? (_ => { }), cancellation);
        return Run(
            dataset,
            config,
            RunPlace.Choose(folder, dataset.Name, Environment.CurrentDirectory),
            descriptor => DataDirectory.Find(descriptor, data, DataSearch.Live())
                .Bind(directory => SplitLoader.Load(descriptor, directory, config.WeightBy, cancellation)),
            observer)
            .Map(end => Finished(end, cancellation));
    }

    /// <summary>A run, begun or gone on with: what is wrong with configuration and place is told at once, before any row is read.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="config">What to train.</param>
    /// <param name="place">Where, or why there is no such place.</param>
    /// <param name="load">Reads the rows of the dataset, which has the configuration's source.</param>
    /// <param name="observer">Who watches.</param>
    /// <returns>How the run ended, or every fault that was found.</returns>
    public static Validation<Fault, RunEnd> Run(
        DatasetDescriptor dataset,
        TrainingConfig config,
        Validation<Fault, RunPlace> place,
        Func<DatasetDescriptor, Validation<Fault, DatasetSplits>> load,
        RunObserver observer)
    {
        var descriptor = dataset with { Source = config.Source };
        var resumed = place.MatchUnsafe(free => (free as ResumedRunPlace)?.Directory, _ => null);
        return from settled in (ModelPlan.Of(descriptor, config, resumed), place).Apply((plan, free) => (Plan: plan, Place: free))
               from splits in load(descriptor)
               from end in TrainingLoop.Run(settled.Plan, config, splits, settled.Place, observer)
               select end;
    }

    private static RunSummary Finished(RunEnd end, CancellationToken cancellation) =>
        end is FinishedRun run ? run.Summary : throw new OperationCanceledException(cancellation);
}
