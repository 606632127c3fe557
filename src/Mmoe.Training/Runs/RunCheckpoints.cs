using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Model;
using static LanguageExt.Prelude;

namespace Mmoe.Training;

/// <summary>Which checkpoints a run leaves behind.</summary>
internal static class RunCheckpoints
{
    /// <summary>Writes <c>last</c>: with the state of the optimiser, and how far the run has come.</summary>
    /// <param name="run">The run.</param>
    /// <param name="engine">Parameters and the optimiser's state.</param>
    /// <param name="epochs">Every whole epoch.</param>
    /// <param name="begun">What is done of the epoch after them.</param>
    /// <returns>The checkpoint, or a fault.</returns>
    public static Validation<Fault, Checkpoint> SaveLast(RunContext run, IEngine engine, Seq<EpochReport> epochs, TrainedSteps begun)
    {
        var (plan, model, optimizer) = (run.Model.Plan, run.Model, engine.Optimizer());
        var last = new Checkpoint(
            SchemaSummary.Of(plan.Dataset),
            plan.Spec,
            model.Inputs,
            model.Targets,
            epochs.Count,
            epochs.LastOrNone().Match(Some: epoch => epoch.Validation.ToJson(), None: () => "{}"),
            new(engine.Parameters()),
            new TrainingState(
                optimizer.Steps,
                run.Config.Parameters.Seed,
                new(optimizer.FirstMoment),
                new(optimizer.SecondMoment),
                epochs.Fold(Best.None, (best, epoch) => best.With(epoch)).Scores)
            {
                Data = run.Data,
                Skipped = optimizer.Skipped,
                LossScale = optimizer.Scale?.Factor,
                GoodSteps = optimizer.Scale?.GoodSteps ?? 0,
                Begun = begun.Steps == 0 ? null : new(begun.Steps, begun.LossSum, begun.Seconds),
            })
        {
            Drawn = plan.Dataset.Source as SyntheticSource,
        };
        return last.Save(run.Directory.Last).Map(_ => last);
    }

    /// <summary>Writes <c>start</c>: the model as it is before the first step.</summary>
    /// <param name="run">The run.</param>
    /// <param name="engine">The parameters.</param>
    /// <param name="initial">Their metrics on validation.</param>
    public static Validation<Fault, Unit> SaveStart(RunContext run, IEngine engine, EvaluationReport initial)
    {
        var (plan, model) = (run.Model.Plan, run.Model);
        return new Checkpoint(
            SchemaSummary.Of(plan.Dataset), plan.Spec, model.Inputs, model.Targets, 0, initial.ToJson(), new(engine.Parameters()), null)
        {
            Drawn = plan.Dataset.Source as SyntheticSource,
        }.Save(run.Directory.Start);
    }

    /// <summary>
    /// Writes the checkpoints that an epoch leaves behind beside <c>last</c>, which is written before: <c>best-…</c> for whatever it is the
    /// best of, and its own where the configuration asks for it; then removes epochs beyond those to keep. To do it again changes nothing,
    /// so that a run which was killed in the midst of it does it again.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="last">The checkpoint after the epoch.</param>
    public static Validation<Fault, Unit> SaveEpoch(RunContext run, Checkpoint last)
    {
        var (model, epoch, best) = (last with { Training = null }, last.Epoch, new Best(last.Training!.Best));
        var p = run.Config.Parameters;
        var paths = best.NamesOf(epoch).Select(run.Directory.Best).ToSeq();
        paths = p.SaveCheckpoint && epoch % p.SaveCheckpointEpochs == 0 ? paths.Add(run.Directory.Epoch(epoch)) : paths;
        return paths
            .Fold(Success<Fault, Unit>(unit), (saved, path) => saved.Bind(_ => model.Save(path)))
            .Bind(_ => RemoveOld(run, epoch));
    }

    // One epoch's file at most falls out per epoch; whatever else lies in the folder is left alone.
    private static Validation<Fault, Unit> RemoveOld(RunContext run, int epoch)
    {
        var p = run.Config.Parameters;
        var old = (epoch / p.SaveCheckpointEpochs * p.SaveCheckpointEpochs) - (p.KeepCheckpointMax * p.SaveCheckpointEpochs);
        try
        {
            if (old > 0)
            {
                File.Delete(run.Directory.Epoch(old));
            }

            return Success<Fault, Unit>(unit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail<Fault, Unit>(Fault.Run(string.Create(CultureInfo.InvariantCulture, $"the checkpoint of epoch {old} cannot be removed: {e.Message}")));
        }
    }
}
