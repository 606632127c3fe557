using System.Diagnostics;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Who watches a run.</summary>
/// <param name="Started">Called once with the model and the run's folder, when everything is checked and before the first step.</param>
/// <param name="Step">Called with the epoch, the steps done in it and all its steps, from time to time.</param>
/// <param name="Epoch">Called after each epoch.</param>
/// <param name="Cancellation">Ends the run after the step or the block of rows under way.</param>
public sealed record RunObserver(
    Action<FittedModel, RunDirectory> Started, Action<int, int, int> Step, Action<EpochReport> Epoch, CancellationToken Cancellation);

/// <summary>Trains, validates each epoch, keeps the best, and touches the test split once, at the end.</summary>
public static class TrainingLoop
{
    /// <summary>Runs a whole training.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="config">The effective configuration.</param>
    /// <param name="splits">The rows.</param>
    /// <param name="place">Where the run is written; claimed once everything is checked.</param>
    /// <param name="observer">Who watches.</param>
    /// <returns>
    /// How it ended: with the summary, as written to the run's directory, or by the observer's cancellation. Or faults: a
    /// setting that the schedule cannot take, a column that cannot be encoded, a weight that is negative, a device that is not there, a
    /// loss that is not finite, a folder that cannot be had.
    /// </returns>
    /// <exception cref="OperationCanceledException">The observer cancelled before the place was claimed: nothing is written.</exception>
    public static Validation<Fault, RunEnd> Run(
        ModelPlan plan, TrainingConfig config, DatasetSplits splits, RunPlace place, RunObserver observer) =>
        from schedule in Schedules.Of(config)
        from model in FittedModel.Of(plan, splits.Train)
        from rows in (
            Rows(model, splits.Train.Table, observer.Cancellation),
            Rows(model, splits.Validation.Table, observer.Cancellation),
            Rows(model, splits.Test.Table, observer.Cancellation)).Apply((train, validation, test) => new RunRows(train, validation, test))
        from trained in CheckTrain(config, model, rows.Train)
        from engine in Engines.Create(model, config)
        from end in Run(model, config, schedule, rows, place, observer, engine)
        select end;

    private static Validation<Fault, ModelRows> Rows(FittedModel model, EncodedTable table, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return model.Rows(table);
    }

    // Labels and weights alone tell it: of such a task nothing would be learnt, without a word.
    private static Validation<Fault, Unit> CheckTrain(TrainingConfig config, FittedModel model, ModelRows train)
    {
        var tasks = model.Plan.Dataset.Tasks;
        var faults = Enumerable.Range(0, tasks.Count)
            .Where(task => !Enumerable.Range(0, train.Inputs.Rows)
                .Any(row => train.Inputs.Weights[row] > 0 && !float.IsNaN(train.Targets[(row * tasks.Count) + task])))
            .Select(task => Fault.Data(
                $"the train split has no row for the task '{tasks[task].Name}': every label is missing"
                    + (config.WeightBy is { } column ? $", or its row weighs 0 in '{column}'" : ""),
                hint: "choose other rows in the schema's splits"))
            .ToSeq().Strict();
        return faults.IsEmpty ? Success<Fault, Unit>(unit) : Fail<Fault, Unit>(faults);
    }

    private static Validation<Fault, RunEnd> Run(
        FittedModel model, TrainingConfig config, Schedule schedule, RunRows rows, RunPlace place, RunObserver observer, IEngine engine)
    {
        using (engine)
        {
            observer.Cancellation.ThrowIfCancellationRequested();
            engine.LoadTrain(rows.Train.Inputs);
            return from report in Evaluate(model, engine, rows.Validation, observer.Cancellation)
                   from chosen in CheckSelection(config, report)
                   from directory in place.Claim(RunFiles.ConfigText(config))
                   from end in Train(new RunContext(model, config, schedule, rows, directory, observer), engine)
                   select end;
        }
    }

    // Whether scores are defined depends on the labels alone, so that the initial values tell it before anything is written.
    private static Validation<Fault, Unit> CheckSelection(TrainingConfig config, EvaluationReport initial) =>
        double.IsNaN(initial.Average.Value)
            ? Fail<Fault, Unit>(Fault.Data(
                $"no score is defined on the validation split of '{config.Dataset}', so that no epoch can be chosen",
                hint: "its labels are missing or all the same; choose other rows in the schema's splits"))
            : Success<Fault, Unit>(unit);

    private static Validation<Fault, RunEnd> Train(RunContext run, IEngine engine)
    {
        try
        {
            return from epochs in Epochs(run, engine)
                   from summary in Finish(run, engine, epochs)
                   select (RunEnd)new FinishedRun(run.Directory, summary);
        }
        catch (OperationCanceledException) when (run.Observer.Cancellation.IsCancellationRequested)
        {
            return Success<Fault, RunEnd>(new InterruptedRun(run.Directory, File.Exists(run.Directory.Last)));
        }
    }

    private static Validation<Fault, Seq<EpochReport>> Epochs(RunContext run, IEngine engine)
    {
        run.Observer.Started(run.Model, run.Directory);
        var epochs = Seq<EpochReport>();
        var best = Best.None;
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
        var order = RowOrder.Of(run.Rows.Train.Inputs.Rows, run.Config.Parameters.Seed, epoch);
        var steps = ((order.Length - 1) / run.Config.Parameters.BatchSize) + 1;
        var course = new Course(run.Config.Parameters.LearningRate, steps);
        var watch = Stopwatch.StartNew();
        return from loss in engine.TrainEpoch(
                   order,
                   run.Config.Parameters.BatchSize,
                   step => run.Schedule.Rate(course, step),
                   done => run.Observer.Step(epoch, done, steps),
                   run.Observer.Cancellation)
               let seconds = watch.Elapsed.TotalSeconds
               from validation in Evaluate(run, engine, run.Rows.Validation)
               select new EpochReport(epoch, loss, run.Schedule.Rate(course, ((long)epoch * steps) - 1), seconds, steps, validation);
    }

    private static Validation<Fault, EvaluationReport> Evaluate(RunContext run, IEngine engine, ModelRows rows) =>
        Evaluate(run.Model, engine, rows, run.Observer.Cancellation);

    private static Validation<Fault, EvaluationReport> Evaluate(
        FittedModel model, IEngine engine, ModelRows rows, CancellationToken cancellation) =>
        model.Evaluate(rows, engine.Logits(rows.Inputs, cancellation));

    private static Validation<Fault, RunSummary> Finish(RunContext run, IEngine engine, Seq<EpochReport> epochs) =>
        from best in Checkpoint.Load(run.Directory.Best(Best.Average))
        let loaded = Load(engine, best.Parameters.AsSpan())
        from train in Evaluate(run, engine, run.Rows.Train)
        from validation in Evaluate(run, engine, run.Rows.Validation)
        from test in Evaluate(run, engine, run.Rows.Test)
        let summary = new RunSummary(
            run.Config, engine.Name, run.Model.Layout.ParameterCount, new(epochs), best.Epoch, run.Rows.Train.Inputs.Rows, PeakMemory(), train, validation, test)
        from written in RunFiles.WriteSummary(run.Directory, summary)
        select summary;

    private static Unit Load(IEngine engine, ReadOnlySpan<float> parameters)
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
internal sealed record RunRows(ModelRows Train, ModelRows Validation, ModelRows Test);

/// <summary>Everything about a run that does not change while it goes on.</summary>
internal sealed record RunContext(
    FittedModel Model, TrainingConfig Config, Schedule Schedule, RunRows Rows, RunDirectory Directory, RunObserver Observer);
