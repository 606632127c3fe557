using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Who watches a run.</summary>
/// <param name="Started">Called once with what is about to begin, when everything is checked and before the first step.</param>
/// <param name="Step">Called with the epoch, the steps done in it and all its steps, from time to time.</param>
/// <param name="Epoch">Called after each epoch.</param>
/// <param name="Cancellation">Ends the run after the step or the block of rows under way.</param>
public sealed record RunObserver(
    Action<RunStart> Started, Action<int, int, int> Step, Action<EpochReport> Epoch, CancellationToken Cancellation);

/// <summary>What is about to begin.</summary>
/// <param name="Model">The model.</param>
/// <param name="Directory">The run's folder.</param>
/// <param name="Engine">The engine that is to train.</param>
/// <param name="Done">What is done already, where a run goes on; null where one begins that nobody asked to resume.</param>
/// <param name="Epochs">The epochs that are done already.</param>
/// <param name="Rows">The rows of the train split.</param>
public sealed record RunStart(
    FittedModel Model, RunDirectory Directory, IEngine Engine, RunProgress? Done, EquatableArray<EpochReport> Epochs, int Rows)
{
    /// <summary>The metrics on validation of what was carried over, before the first step; null unless a run begins from a checkpoint.</summary>
    public EvaluationReport? Carried { get; init; }

    /// <summary>Whether nothing is left to train: every epoch is done, or the run has stopped early.</summary>
    public bool IsDone { get; init; }
}

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
        Run(plan, config, splits, place, observer, Engines.Create);

    /// <summary>Runs a whole training with an engine of the caller's making.</summary>
    internal static Validation<Fault, RunEnd> Run(
        ModelPlan plan,
        TrainingConfig config,
        DatasetSplits splits,
        RunPlace place,
        RunObserver observer,
        Func<FittedModel, TrainingConfig, Validation<Fault, IEngine>> create) =>
        from schedule in Schedules.Of(config)
        from model in FittedModel.Of(plan, splits.Train)
        from rows in (
            Rows(model, splits.Train.Table, observer.Cancellation),
            Rows(model, splits.Validation.Table, observer.Cancellation),
            Rows(model, splits.Test.Table, observer.Cancellation)).Apply((train, validation, test) => new RunRows(train, validation, test))
        from trained in CheckTrain(config, model, rows.Train)
        from carried in FineTuning.Check(model)
        from engine in create(model, config)
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
        return ModelBuilder.None(Enumerable.Range(0, tasks.Count)
            .Where(task => !Enumerable.Range(0, train.Inputs.Rows)
                .Any(row => train.Inputs.Weights[row] > 0 && !float.IsNaN(train.Targets[(row * tasks.Count) + task])))
            .Select(task => Fault.Data(
                $"the train split has no row for the task '{tasks[task].Name}': every label is missing"
                    + (config.WeightBy is { } column ? $", or its row weighs 0 in '{column}'" : ""),
                hint: "choose other rows in the schema's splits")));
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
                   from claimed in place.Claim(RunFiles.ConfigText(config))
                   from end in Train(model, config, schedule, rows, place, observer, engine, claimed, report)
                   select end;
        }
    }

    private static Validation<Fault, RunEnd> Train(
        FittedModel model,
        TrainingConfig config,
        Schedule schedule,
        RunRows rows,
        RunPlace place,
        RunObserver observer,
        IEngine engine,
        ClaimedRun claimed,
        EvaluationReport initial)
    {
        using (claimed)
        {
            var work = new EpochWork(new int[rows.Train.Inputs.Rows], config.Parameters.BatchSize, config.Optimization.Accumulate);
            var course = new RunCourse(
                schedule,
                new(config.Parameters.LearningRate, work.Steps, config.Parameters.EpochSize),
                Monitor.Of(config),
                rows.Train.Inputs.Rows,
                engine.Name,
                engine.Device);
            var run = new RunContext(model, config, course, rows, rows.Fingerprint(), claimed.Directory, observer);

            // The configuration is written once it is clear that the run goes on as it is asked to.
            return from state in place is ResumedRunPlace ? RunState.Read(run) : Success<Fault, RunState>(RunState.Initial)
                   from written in place is ResumedRunPlace
                       ? RunFiles.WriteConfig(claimed.Directory, RunFiles.ConfigText(config))
                       : Success<Fault, Unit>(unit)
                   from ready in Restore(run, engine, state)
                   from saved in SaveStart(run, engine, state, initial)
                   let told = Tell(run, engine, state, place is ResumedRunPlace or NamedRunPlace { IsToGoOn: true }, initial)
                   from end in Train(run, engine, state)
                   select end;
        }
    }

    private static Unit Tell(RunContext run, IEngine engine, RunState state, bool isResumed, EvaluationReport initial)
    {
        run.Observer.Started(new(run.Model, run.Directory, engine, isResumed ? state.Progress : null, new(state.Epochs), run.Rows.Train.Inputs.Rows)
        {
            Carried = BeginsFrom(run, state) ? initial : null,
            IsDone = IsDone(run, state),
        });
        return unit;
    }

    // Not where a run goes on: it has what it began with.
    private static bool BeginsFrom(RunContext run, RunState state) => run.Model.Plan.Start is { IsOfRun: false } && state.Last is null;

    private static Validation<Fault, Unit> SaveStart(RunContext run, IEngine engine, RunState state, EvaluationReport initial) =>
        BeginsFrom(run, state)
            ? RunFiles.WriteFineTuning(run.Directory, run.Model).Bind(_ => RunCheckpoints.SaveStart(run, engine, initial))
            : Success<Fault, Unit>(unit);

    private static Validation<Fault, Unit> Restore(RunContext run, IEngine engine, RunState state)
    {
        if (state.Last is not { Training: { } training } last)
        {
            return Success<Fault, Unit>(unit);
        }

        engine.Load(last.Parameters.AsSpan());
        engine.Load(new OptimizerState(training.Step, [.. training.FirstMoments], [.. training.SecondMoments])
        {
            Skipped = training.Skipped,
            Scale = training.LossScale is { } factor ? new(factor, training.GoodSteps) : null,
        });

        // The process may have ended between `last` and what else the epoch leaves behind.
        return last.Epoch > 0 && training.Begun is null ? RunCheckpoints.SaveEpoch(run, last) : Success<Fault, Unit>(unit);
    }

    // Whether scores are defined depends on the labels alone, so that the initial values tell it before anything is written.
    private static Validation<Fault, Unit> CheckSelection(TrainingConfig config, EvaluationReport initial) =>
        double.IsNaN(initial.Average.Value)
            ? Fail<Fault, Unit>(Fault.Data(
                $"no score is defined on the validation split of '{config.Dataset}', so that no epoch can be chosen",
                hint: "its labels are missing or all the same; "
                    + (config.Source is SyntheticSource ? "draw more rows with validation_rows" : "choose other rows in the schema's splits")))
            : Success<Fault, Unit>(unit);

    private static Validation<Fault, RunEnd> Train(RunContext run, IEngine engine, RunState state)
    {
        try
        {
            while (!IsDone(run, state))
            {
                var next = TrainEpoch(run, engine, state);
                if (next.IsFail)
                {
                    return next.Map(_ => default(RunEnd)!).MapFail(fault => fault with { Hint = WayBack(run, fault.Hint) });
                }

                state = next.IfFail(_ => throw new UnreachableException());
                if (state.Begun.Steps > 0)
                {
                    return Success<Fault, RunEnd>(new InterruptedRun(run.Directory, state.Progress));
                }

                run.Observer.Epoch(state.Epochs.Last);
            }

            return Finish(run, engine, state.Epochs).Map(summary => (RunEnd)new FinishedRun(run.Directory, summary));
        }
        catch (OperationCanceledException) when (run.Observer.Cancellation.IsCancellationRequested)
        {
            return Success<Fault, RunEnd>(new InterruptedRun(run.Directory, File.Exists(run.Directory.Last) ? state.Progress : null));
        }
    }

    private static bool IsDone(RunContext run, RunState state) =>
        state.Epochs.Count >= run.Config.Parameters.EpochSize
        || run.Course.Monitor.HasStalled(state.Epochs, run.Config.Optimization.EarlyStopping);

    // Where the run can go on from after a fault. What was written before it is told by the file alone.
    private static string WayBack(RunContext run, string? hint)
    {
        var held = Checkpoint.Load(run.Directory.Last).Match(
            Succ: last =>
            {
                var begun = last.Training?.Begun is { } steps ? string.Create(CultureInfo.InvariantCulture, $" and {steps.Steps} steps") : "";
                return string.Create(CultureInfo.InvariantCulture, $"{run.Directory.Last} holds the run after epoch {last.Epoch}{begun}");
            },
            Fail: _ => "there is no checkpoint yet");
        return hint is null ? held : $"{hint}; {held}";
    }

    /// <summary>The state after one more epoch; or after a part of it, if that is all that was to be had before cancellation.</summary>
    private static Validation<Fault, RunState> TrainEpoch(RunContext run, IEngine engine, RunState state)
    {
        var epoch = state.Epochs.Count + 1;
        var course = run.Course.After(state.Epochs);
        var (p, o) = (run.Config.Parameters, run.Config.Optimization);
        var work = new EpochWork(RowOrder.Of(run.Rows.Train.Inputs.Rows, p.Seed, epoch), p.BatchSize, o.Accumulate) { Done = state.Begun };
        var watch = Stopwatch.StartNew();
        return engine
            .TrainEpoch(work, course.Rate, done => run.Observer.Step(epoch, done, work.Steps), run.Observer.Cancellation)
            .Map(done => done with { Seconds = done.Seconds + watch.Elapsed.TotalSeconds })
            .Bind(done => done.Steps < work.Steps ? Begun(run, engine, state, done) : Whole(run, engine, state, course, epoch, done));
    }

    private static Validation<Fault, RunState> Whole(
        RunContext run, IEngine engine, RunState state, RunCourse course, int epoch, TrainedSteps done)
    {
        Validation<Fault, EpochMetrics> evaluated;
        try
        {
            evaluated = Measure(run, engine);
        }
        catch (OperationCanceledException) when (run.Observer.Cancellation.IsCancellationRequested)
        {
            // The steps are all done, and need not be done again.
            return Begun(run, engine, state, done);
        }

        return from metrics in evaluated
               let epochs = state.Epochs.Add(course.Report(epoch, done, metrics)).Strict()
               // Metrics first: whoever goes on from `last` finds a line for each of its epochs, and leaves out those after them.
               from written in RunFiles.WriteMetrics(run.Directory, epochs)
               from last in RunCheckpoints.SaveLast(run, engine, epochs, TrainedSteps.None)
               from saved in RunCheckpoints.SaveEpoch(run, last)
               select new RunState(epochs, TrainedSteps.None, last);
    }

    private static Validation<Fault, RunState> Begun(RunContext run, IEngine engine, RunState state, TrainedSteps done) =>
        done.Steps == 0
            ? throw new OperationCanceledException(run.Observer.Cancellation)
            : RunCheckpoints.SaveLast(run, engine, state.Epochs, done).Map(last => state with { Begun = done, Last = last });

    private static Validation<Fault, EpochMetrics> Measure(RunContext run, IEngine engine) =>
        Evaluate(run, engine, run.Rows.Validation).Bind(validation => run.Config.Optimization.TrainMetrics
            ? Evaluate(run, engine, run.Rows.Train).Map(train => new EpochMetrics(validation, train))
            : Success<Fault, EpochMetrics>(new(validation, null)));

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
internal sealed record RunRows(ModelRows Train, ModelRows Validation, ModelRows Test)
{
    /// <summary>What tells these rows from others: SHA-256 of all that the model sees of them, in their order.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var inputs in new[] { this.Train.Inputs, this.Validation.Inputs, this.Test.Inputs })
        {
            hash.AppendData(MemoryMarshal.AsBytes(inputs.Indices.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(inputs.Numerics.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(inputs.Targets.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(inputs.Weights.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What the model that an epoch ended with was measured to be.</summary>
/// <param name="Validation">On the validation split, by which the best is chosen.</param>
/// <param name="Train">On the train split, to be looked at; null where that was not asked for.</param>
internal sealed record EpochMetrics(EvaluationReport Validation, EvaluationReport? Train);

/// <summary>Everything about a run that does not change while it goes on.</summary>
internal sealed record RunContext(
    FittedModel Model, TrainingConfig Config, RunCourse Course, RunRows Rows, string Data, RunDirectory Directory, RunObserver Observer);
