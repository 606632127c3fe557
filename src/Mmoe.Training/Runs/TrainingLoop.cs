using System.Diagnostics;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Who watches a run.</summary>
/// <param name="Started">Called once, when everything is checked and before the first step.</param>
/// <param name="Step">Called with the epoch, the steps done in it and all its steps, from time to time.</param>
/// <param name="Epoch">Called after each epoch.</param>
/// <param name="Cancellation">Ends the run after the step under way.</param>
public sealed record RunObserver(Action<ModelPlan> Started, Action<int, int, int> Step, Action<EpochReport> Epoch, CancellationToken Cancellation);

/// <summary>Trains, validates each epoch, keeps the best, and touches the test split once, at the end.</summary>
public static class TrainingLoop
{
    /// <summary>Runs a whole training.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="config">The effective configuration.</param>
    /// <param name="splits">The rows.</param>
    /// <param name="directory">Where the run is written; created once everything is checked.</param>
    /// <param name="observer">Who watches.</param>
    /// <returns>
    /// The summary, as written to the run's directory; or faults: a column that cannot be scaled, a weight that is negative, a device
    /// that is not there, a loss that is not finite, a folder that cannot be written.
    /// </returns>
    /// <exception cref="OperationCanceledException">The observer cancelled; <c>last</c> holds the last whole epoch.</exception>
    public static Validation<Fault, RunSummary> Run(
        ModelPlan plan, TrainingConfig config, DatasetSplits splits, RunDirectory directory, RunObserver observer) =>
        from model in FittedModel.Of(plan, splits.Train)
        from rows in (model.Inputs(splits.Train.Table), model.Inputs(splits.Validation.Table), model.Inputs(splits.Test.Table)).Apply((train, validation, test) => new RunRows(train, validation, test))
        from engine in Engines.Create(plan, config, rows.Train)
        from summary in Run(new RunContext(model, config, rows, directory, observer), engine)
        select summary;

    private static Validation<Fault, RunSummary> Run(RunContext run, IEngine engine)
    {
        using (engine)
        {
            return from created in run.Directory.Create()
                   from written in RunFiles.WriteConfig(run.Directory, run.Config)
                   from epochs in Epochs(run, engine)
                   from summary in Finish(run, engine, epochs)
                   select summary;
        }
    }

    private static Validation<Fault, Seq<EpochReport>> Epochs(RunContext run, IEngine engine)
    {
        run.Observer.Started(run.Model.Plan);
        var epochs = Seq<EpochReport>();
        var best = Best.None(run.Model.Plan.Dataset.Tasks.Count);
        for (var epoch = 1; epoch <= run.Config.Parameters.EpochSize; epoch++)
        {
            var step = TrainEpoch(run, engine, epoch)
                .Bind(report =>
                {
                    var all = epochs.Add(report).Strict();
                    var next = best.With(report);
                    return from saved in RunCheckpoints.Save(run, engine, report, next)
                           from written in RunFiles.WriteMetrics(run.Directory, all)
                           select (Epochs: all, Best: next);
                });
            if (step.IsFail)
            {
                return step.Map(s => s.Epochs);
            }

            (epochs, best) = step.IfFail(_ => throw new UnreachableException());
            run.Observer.Epoch(epochs.Last);
        }

        return Success<Fault, Seq<EpochReport>>(epochs);
    }

    private static Validation<Fault, EpochReport> TrainEpoch(RunContext run, IEngine engine, int epoch)
    {
        var order = RowOrder.Of(run.Rows.Train.Rows, run.Config.Parameters.Seed, epoch);
        var steps = ((order.Length - 1) / run.Config.Parameters.BatchSize) + 1;
        var rate = run.Config.Parameters.LearningRate;
        var watch = Stopwatch.StartNew();
        return engine.TrainEpoch(order, run.Config.Parameters.BatchSize, _ => rate, done => run.Observer.Step(epoch, done, steps), run.Observer.Cancellation)
            .Map(loss => (Loss: loss, Seconds: watch.Elapsed.TotalSeconds))
            .Map(trained => new EpochReport(epoch, trained.Loss, rate, trained.Seconds, steps, run.Model.Evaluate(engine, run.Rows.Validation)));
    }

    private static Validation<Fault, RunSummary> Finish(RunContext run, IEngine engine, Seq<EpochReport> epochs) =>
        from best in Checkpoint.Load(run.Directory.BestAverage)
        let loaded = Load(engine, best.Parameters)
        let summary = new RunSummary(
            run.Config,
            engine.Name,
            run.Model.Plan.Layout.ParameterCount,
            new(epochs),
            best.Epoch,
            run.Rows.Train.Rows,
            PeakMemory(),
            run.Model.Evaluate(engine, run.Rows.Train),
            run.Model.Evaluate(engine, run.Rows.Validation),
            run.Model.Evaluate(engine, run.Rows.Test))
        from written in RunFiles.WriteSummary(run.Directory, summary)
        select summary;

    private static Unit Load(IEngine engine, float[] parameters)
    {
        engine.Load(parameters);
        return unit;
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>The rows of a run as the model sees them.</summary>
internal sealed record RunRows(ModelInputs Train, ModelInputs Validation, ModelInputs Test);

/// <summary>Everything about a run that does not change while it goes on.</summary>
internal sealed record RunContext(FittedModel Model, TrainingConfig Config, RunRows Rows, RunDirectory Directory, RunObserver Observer);
